"""Files are replaced as a whole."""

import os
import stat

import pytest

from netwright.errors import UsageError
from netwright.lint.write import encoding_of, with_line_ends, write, write_source


def test_mode_bits_and_links_stay(tmp_path):
    real, link = tmp_path / "real.py", tmp_path / "link.py"
    real.write_text("old")
    real.chmod(0o755)
    link.symlink_to(real)
    write(link, "new")
    assert real.read_text() == "new"
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o755
    assert sorted(os.listdir(tmp_path)) == ["link.py", "real.py"]


def test_the_old_text_stays_when_the_new_one_cannot_be_written(tmp_path, monkeypatch):
    file = tmp_path / "a.py"
    file.write_text("old")

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(UsageError, match="cannot be written: No space left"):
        write(file, "new")
    assert file.read_text() == "old"


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        write(tmp_path / "no" / "a.py", "x")


def test_saving_keeps_unix_line_ends(tmp_path):
    file = tmp_path / "a.py"
    file.write_bytes(b"a\n")
    write_source(file, "b\n")
    assert file.read_bytes() == b"b\n"


@pytest.mark.parametrize(
    ("text", "before", "expected"),
    [
        ("a\nx\n", "a\r\nb\n", "a\r\nx\n"),
        ("x\nb\n", "a\r\nb\r\nc\n", "x\r\nb\r\n"),
        ("a\nb", "a\rb", "a\rb"),
        ("a", "", "a"),
        ("a\nb\nc\nd", "a\r\nb\nc", "a\r\nb\nc\nd"),
    ],
)
def test_line_ends_are_those_of_the_file(text, before, expected):
    assert with_line_ends(text, before) == expected


def test_the_encoding_is_the_one_that_the_file_declares(tmp_path):
    (tmp_path / "a.py").write_bytes(b"# coding: latin-1\n# \xe9\n")
    assert encoding_of(tmp_path / "a.py") == "iso-8859-1"
    write_source(tmp_path / "a.py", "# coding: latin-1\n# \xfc\n")
    assert (tmp_path / "a.py").read_bytes() == b"# coding: latin-1\n# \xfc\n"
