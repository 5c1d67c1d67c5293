"""Files are replaced as a whole."""

import os
import stat

import pytest

from netwright.errors import UsageError
from netwright.lint.write import write


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
