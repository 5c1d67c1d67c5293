"""Waiting for files to be saved."""

from netwright.lint.watch import changes


def test_a_saved_a_new_and_a_deleted_file_are_told(tmp_path):
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
