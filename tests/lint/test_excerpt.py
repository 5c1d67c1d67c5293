"""The source line under a finding."""

from netwright.lint.excerpt import excerpt, line_of
from netwright.lint.finding import Place


def test_the_stretch_is_underlined(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("x = 1\n\tcall(y)\n")
    assert excerpt(Place(str(file), 2, 2, 2, 9)) == ["    2 |  call(y)", "      |  ^^^^^^^"]


def test_a_place_over_several_lines_is_underlined_on_its_first_line(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("call(\n  1)\n")
    assert excerpt(Place(str(file), 1, 1, 2, 4))[1] == "      | ^^^^^"


def test_nothing_is_shown_where_there_is_not_a_line(tmp_path):
    assert excerpt(Place(str(tmp_path / "none.py"), 3)) == []
    assert line_of(Place("<Net>", 1)) == ""


def test_a_changed_file_is_read_again(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("old\n")
    assert line_of(Place(str(file), 1)) == "old"
    file.write_text("newer\n")
    assert line_of(Place(str(file), 1)) == "newer"


def test_a_file_of_the_same_name_in_another_folder_is_another_file(tmp_path, monkeypatch):
    for folder, text in (("a", "one\n"), ("b", "two\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.py").write_text(text)
        monkeypatch.chdir(tmp_path / folder)
        assert line_of(Place("same.py", 1)) == text.strip()
