"""The store of what a user has trained, and the digest of a source."""

import os
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from netwright.trust import digest, remember, store, trusted


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of this test alone, and a folder beside it for sources."""
    monkeypatch.setenv("NETWRIGHT_TRUST", str(tmp_path / "store"))
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def write(folder: Path, **texts: str) -> str:
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    return str(folder / "net.py")


def test_a_call_is_trusted_after_it_was_remembered_and_no_other_is(own: Path):
    home = write(own, net="x = 1\n")
    assert not trusted("Net()", home)
    remember("Net()", home)
    assert trusted("Net()", home)
    assert not trusted("Net(1)", home)


def test_a_changed_source_is_not_trusted_until_it_is_as_it_was(own: Path):
    home = write(own, net="x = 1\n")
    remember("Net()", home)
    write(own, net="x = 2\n")
    assert not trusted("Net()", home)
    write(own, net="x = 1\n")
    assert trusted("Net()", home)


def test_the_same_text_in_another_folder_is_another_source(own: Path, tmp_path: Path):
    """What lies beside it, and what it opens, is not the same."""
    remember("Net()", write(own, net="x = 1\n"))
    (tmp_path / "other").mkdir()
    assert not trusted("Net()", write(tmp_path / "other", net="x = 1\n"))


def test_a_relative_path_is_the_file_in_the_working_folder(own: Path, monkeypatch: pytest.MonkeyPatch):
    remember("Net()", write(own, net="x = 1\n"))
    monkeypatch.chdir(own)
    assert trusted("Net()", "net.py")
    monkeypatch.chdir(own.parent)
    assert not trusted("Net()", "net.py")


@pytest.mark.parametrize(
    "imports",
    [
        "import helper",
        "from helper import x",
        "def make():\n    import helper as h",
        "from middle import x",
        "import package.part",
        "from namespace import part",
    ],
)
def test_a_change_of_what_a_file_imports_from_beside_it_changes_its_digest(own: Path, imports: str):
    home = write(own, net=f"{imports}\nimport os, torch\n", helper="x = 1\n", middle="from helper import x\n")
    for name in ("package", "namespace"):
        (own / name).mkdir()
        (own / name / "part.py").write_text("import helper\n")
    (own / "package" / "__init__.py").touch()
    before = digest(home)
    write(own, helper="x = 2\n")
    assert digest(home) != before


def test_a_new_file_that_takes_the_place_of_a_library_changes_the_digest(own: Path):
    home = write(own, net="import scipy.stats\n")
    before = digest(home)
    write(own, scipy="import os\n")
    assert digest(home) != before


def test_a_file_that_is_not_imported_changes_nothing(own: Path):
    home = write(own, net="import torch\n")
    before = digest(home)
    write(own, experiments="x = 1\n")
    assert digest(home) == before


def test_the_digest_of_a_package_is_that_of_all_its_files(own: Path, monkeypatch: pytest.MonkeyPatch):
    package = own / "digested_package"
    (package / "nets").mkdir(parents=True)
    for path in (package / "__init__.py", package / "nets" / "deep.py"):
        path.write_text("x = 1\n")
    (package / "weights.txt").write_text("1")
    monkeypatch.syspath_prepend(str(own))
    before = digest("digested_package.nets")
    (package / "weights.txt").write_text("2")
    assert digest("digested_package.nets") == before is not None
    (package / "nets" / "deep.py").write_text("x = 2\n")
    assert digest("digested_package.nets") != before
    assert "digested_package" not in sys.modules


@pytest.mark.parametrize("home", ["nowhere.py", "no_such_package.nets", "sys"])
def test_what_has_no_source_has_no_digest_and_is_never_trusted(home: str):
    remember("Net()", home)
    assert digest(home) is None
    assert not trusted("Net()", home)


def test_a_package_in_a_zip_file_has_no_digest(own: Path, monkeypatch: pytest.MonkeyPatch):
    with ZipFile(own / "nets.zip", "w") as archive:
        archive.writestr("zipped_module.py", "x = 1\n")
        archive.writestr("zipped_package/__init__.py", "x = 1\n")
    monkeypatch.syspath_prepend(str(own / "nets.zip"))
    for home in ("zipped_module", "zipped_package"):
        remember("Net()", home)
        assert digest(home) is None
        assert not trusted("Net()", home)


@pytest.mark.skipif(os.name == "nt", reason="Windows lets only some users make links")
def test_a_linked_folder_is_a_part_of_its_package(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    elsewhere, package = tmp_path / "elsewhere", own / "linking_package"
    elsewhere.mkdir()
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "nets").symlink_to(elsewhere)
    (elsewhere / "circle").symlink_to(package)
    (elsewhere / "deep.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(str(own))
    before = digest("linking_package")
    (elsewhere / "deep.py").write_text("x = 2\n")
    assert digest("linking_package") != before


@pytest.mark.skipif(os.name == "nt", reason="a name as long as this is a matter of the system")
def test_a_source_that_cannot_be_looked_at_is_not_trusted():
    home = "x" * 5000 + ".py"
    remember("Net()", home)
    assert not trusted("Net()", home)


def test_a_file_that_cannot_be_parsed_has_a_digest(own: Path):
    assert digest(write(own, net="def broken(:\n")) is not None


def test_a_store_that_cannot_be_written_is_a_warning(own: Path, tmp_path: Path):
    (tmp_path / "store").write_text("in the way")
    home = write(own, net="x = 1\n")
    with pytest.warns(UserWarning, match=r"cannot be written down .*NETWRIGHT_TRUST can name another"):
        remember("Net()", home)
    assert not trusted("Net()", home)


def test_a_user_without_a_home_folder_trains_with_a_warning(own: Path, monkeypatch: pytest.MonkeyPatch):
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("NETWRIGHT_TRUST", "XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    home = write(own, net="x = 1\n")
    with pytest.warns(UserWarning, match="Could not determine home directory"):
        remember("Net()", home)
    assert not trusted("Net()", home)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the state of programs elsewhere")
def test_the_store_is_in_the_user_s_folder_for_state(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NETWRIGHT_TRUST")
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert store() == Path("/state/netwright/trusted")
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert store() == Path("/home/somebody/.local/state/netwright/trusted")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no mode bits")
def test_nobody_else_may_write_into_the_store(own: Path):
    remember("Net()", write(own, net="x = 1\n"))
    assert store().stat().st_mode & 0o777 == 0o700
