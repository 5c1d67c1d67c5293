"""Files inside a folder, through links."""

from pathlib import Path

from netwright.data.walk import walk


def inside(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in walk(root))


def file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_it_is_what_rglob_gives_where_there_are_no_links(tmp_path: Path):
    for name in ("a.png", "b/c.png", "b/d/e.png", ".hidden/f"):
        file(tmp_path / name)
    assert inside(tmp_path) == sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*"))


def test_a_link_to_a_folder_is_followed_once(tmp_path: Path):
    file(tmp_path / "elsewhere" / "deep" / "a.png")
    (tmp_path / "elsewhere" / "again").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "images").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "root" / "lost").symlink_to(tmp_path / "gone")
    assert inside(tmp_path / "root") == [
        "images",
        "images/again",
        "images/deep",
        "images/deep/a.png",
        "lost",
    ]


def test_links_in_a_circle_end(tmp_path: Path):
    file(tmp_path / "a" / "x.png")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert [name for name in inside(tmp_path) if name.endswith("x.png")] == ["a/up/a/x.png", "a/x.png"]
