"""The cache of decoded tensors: where it is, and that damage is never trusted."""

import os
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netwright.data import cache

TENSORS = {"x": torch.arange(60, dtype=torch.uint8).view(3, 4, 5), "y": torch.tensor([1, 2, 3])}
FACTS = {"mean": [0.1, 0.2], "skipped": 0, "digest": "abc"}


def test_what_was_written_is_read_again():
    cache.write("key", TENSORS, FACTS)
    kept = cache.read("key")
    assert kept is not None
    tensors, facts = kept
    assert facts == FACTS
    assert tensors.keys() == TENSORS.keys()
    assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)
    assert all(tensors[name].dtype == TENSORS[name].dtype for name in TENSORS)


def test_an_absent_file_reads_as_nothing():
    assert cache.read("other") is None


def test_only_the_finished_file_is_left(own_cache: Path):
    cache.write("key", TENSORS, FACTS)
    assert [path.name for path in own_cache.iterdir()] == ["key.safetensors"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_a_file_with_any_byte_altered_reads_as_nothing_or_unharmed(own_cache: Path, at: float, flip: int):
    cache.write("key", TENSORS, FACTS)
    path = own_cache / "key.safetensors"
    content = bytearray(path.read_bytes())
    content[int(at * len(content))] ^= flip
    path.write_bytes(content)
    kept = cache.read("key")
    assert kept is None or all(torch.equal(kept[0][name], TENSORS[name]) for name in TENSORS)
    assert kept is None or kept[1] == FACTS


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_short_reads_as_nothing(own_cache: Path, share: float):
    cache.write("key", TENSORS, FACTS)
    path = own_cache / "key.safetensors"
    os.truncate(path, int(share * path.stat().st_size))
    assert cache.read("key") is None


def test_a_foreign_safetensors_file_reads_as_nothing(own_cache: Path):
    from safetensors.torch import save_file

    save_file(TENSORS, own_cache / "key.safetensors")
    assert cache.read("key") is None


def test_a_damaged_file_is_replaced(own_cache: Path):
    (own_cache / "key.safetensors").write_bytes(b"nonsense")
    cache.write("key", TENSORS, FACTS)
    assert cache.read("key") is not None


def test_a_cache_that_cannot_be_written_warns_and_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("NETWRIGHT_CACHE", str(tmp_path / "file" / "below"))
    with pytest.warns(UserWarning, match="decodes it again; set NETWRIGHT_CACHE to another folder"):
        cache.write("key", TENSORS, FACTS)
    assert cache.read("key") is None


def test_the_folder_is_ours_then_the_desktop_s_then_the_home_s(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NETWRIGHT_CACHE", "/one")
    monkeypatch.setenv("XDG_CACHE_HOME", "/two")
    monkeypatch.setenv("HOME", "/three")
    assert cache.folder() == Path("/one")
    monkeypatch.delenv("NETWRIGHT_CACHE")
    assert cache.folder() == Path("/two/netwright")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache.folder() == Path("/three/.cache/netwright")


def test_a_digest_tells_names_types_shapes_and_values_apart():
    x = torch.arange(6, dtype=torch.uint8)
    digests = {
        cache.digest([("x", x)]),
        cache.digest([("y", x)]),
        cache.digest([("x", x.view(2, 3))]),
        cache.digest([("x", x.to(torch.int8))]),
        cache.digest([("x", x.flip(0))]),
    }
    assert len(digests) == 5
    assert cache.digest([("x", x.view(2, 3).t().contiguous().t())]) == cache.digest([("x", x.view(2, 3))])
