"""Files are there whole or not at all."""

import os
import stat

import pytest

from netwright.durable import put, replace, replacing, sync


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "a"
    replace(path, b"old")
    replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


def test_mode_bits_and_links_stay(tmp_path):
    real, link = tmp_path / "real.py", tmp_path / "link.py"
    real.write_text("old")
    real.chmod(0o755)
    link.symlink_to(real)
    replace(link, b"new")
    assert real.read_text() == "new"
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o755


def test_a_reader_sees_the_old_content_until_the_end(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with replacing(path) as draft:
        draft.write_bytes(b"ne")
        assert path.read_bytes() == b"old"
        draft.write_bytes(b"new")
    assert path.read_bytes() == b"new"


def test_the_old_content_stays_when_the_body_fails(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def stop():
        with replacing(path) as draft:
            draft.write_bytes(b"ne")
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        stop()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_the_old_content_stays_when_the_disk_is_full(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        replace(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_the_content_is_on_the_disk_before_the_name_is_moved(tmp_path, monkeypatch):
    done, fsync, rename = [], os.fsync, os.replace
    monkeypatch.setattr("os.fsync", lambda handle: (done.append("sync"), fsync(handle))[1])
    monkeypatch.setattr("os.replace", lambda old, new: (done.append("move"), rename(old, new))[1])
    replace(tmp_path / "a", b"new")
    put(tmp_path / "b", b"new")
    assert done == ["sync", "move", "sync", "sync"]


def test_a_missing_folder_is_the_callers_to_explain(tmp_path):
    with pytest.raises(FileNotFoundError):
        replace(tmp_path / "no" / "a", b"")
    with pytest.raises(FileNotFoundError):
        sync(tmp_path / "no")
