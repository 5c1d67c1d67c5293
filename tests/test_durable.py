"""Files are there whole or not at all."""

import os
import stat

import pytest

from netwright.durable import claimed, empty, put, read, replace, replacing, sync
from netwright.errors import RunError


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


def test_a_folder_with_what_a_killed_process_left_is_empty_and_is_tidied(tmp_path):
    for name in (".lock", ".run.json.123.partial"):
        (tmp_path / name).write_bytes(b"{")
    assert empty(tmp_path)
    with claimed(tmp_path, "run.json", "run"):
        assert os.listdir(tmp_path) == [".lock"]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    (tmp_path / ".thesis.partial").write_text("half")
    with (
        pytest.raises(RunError, match="is not empty and does not contain a run"),
        claimed(tmp_path, "run.json", "run"),
    ):
        pass
    with pytest.raises(RunError, match=r"thesis.txt` is a file; give a folder for the study"):
        claimed(tmp_path / "thesis.txt", "study.json", "study").__enter__()
    assert sorted(os.listdir(tmp_path)) == [".thesis.partial", "thesis.txt"]


def test_a_folder_is_kept_to_one_and_free_again_afterwards(tmp_path):
    with (
        claimed(tmp_path, "run.json", "run"),
        pytest.raises(RunError, match="in use by another process"),
        claimed(tmp_path, "run.json", "run"),
    ):
        pass
    with claimed(tmp_path, "run.json", "run"):
        assert empty(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="Windows lets only some users make links")
@pytest.mark.parametrize("name", [".lock", "run.json", "report.html", "checkpoints/index.json"])
def test_a_folder_with_a_link_in_it_is_refused_and_its_target_stays(tmp_path, name):
    target, folder = tmp_path / "target", tmp_path / "run"
    target.write_text("precious")
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "run.json").touch()
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(target)
    with pytest.raises(RunError, match=r"is a symbolic link, and writing the run would change"):
        claimed(folder, "run.json", "run").__enter__()
    assert target.read_text() == "precious"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "run.json")
    with pytest.raises(OSError, match="not a regular file"):
        read(tmp_path / "run.json")
