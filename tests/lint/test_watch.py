"""Waiting for files to be saved."""

import os

import pytest

from netwright.errors import UsageError
from netwright.lint.session import Session
from netwright.lint.watch import changes


def folder(path):
    return lambda: [str(file) for file in sorted(path.glob("*.py"))]


def test_a_saved_a_new_and_a_deleted_file_are_reported(tmp_path):
    file, other = tmp_path / "a.py", tmp_path / "b.py"
    file.write_text("one")
    seen = changes(lambda: [str(path) for path in sorted(tmp_path.glob("*.py"))], pause=0.01)
    assert next(seen) == []
    file.write_text("longer")
    assert next(seen) == [str(file)]
    other.write_text("x")
    assert next(seen) == [str(other)]
    other.unlink()
    assert next(seen) == [str(other)]


def test_a_replaced_file_is_noticed_even_with_the_same_time_and_length(tmp_path):
    """As editors save: they write beside and rename."""
    file, new = tmp_path / "a.py", tmp_path / "new"
    file.write_text("one")
    new.write_text("two")
    stat = file.stat()
    os.utime(new, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    seen = changes(folder(tmp_path), pause=0.01)
    assert next(seen) == []
    new.replace(file)
    assert next(seen) == [str(file)]


def test_a_folder_that_is_empty_for_a_while_is_watched_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.py"
    file.write_text("one")
    session = Session(["."])
    seen = changes(session.files, pause=0.01)
    assert next(seen) == []
    file.unlink()
    assert next(seen) == ["a.py"]
    file.write_text("two")
    assert next(seen) == ["a.py"]


def test_what_is_wrong_from_the_start_is_refused(tmp_path):
    with pytest.raises(UsageError, match="has no Python file"):
        next(changes(Session([str(tmp_path)]).files))


def test_a_file_that_goes_between_listing_and_looking_is_gone(tmp_path):
    (tmp_path / "link.py").symlink_to("nowhere")
    assert next(changes(lambda: ["link.py", str(tmp_path / "no.py")])) == []
