import pytest

from netwright.design import capacity
from netwright.errors import DesignError


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("8GiB", 8 * 2**30),
        ("8GB", 8 * 10**9),
        ("512MiB", 512 * 2**20),
        ("0.5 KB", 500),
        ("1TiB", 2**40),
        ("7B", 7),
    ],
)
def test_decimal_and_binary_units_are_told_apart(text, size):
    assert capacity.parse(text) == size


@pytest.mark.parametrize("text", ["", "8", "GiB", "8gib", "-1GiB", "0GiB", "1e3GiB", "8GiB!", "٣GiB", "8 G"])
def test_anything_else_is_refused_with_examples(text):
    with pytest.raises(DesignError, match="is not an amount of memory; write it as 8GiB, 8GB or 512MiB"):
        capacity.parse(text)


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (2**20, "1.00 MiB"), (3 * 2**39, "1.50 TiB")]
)
def test_sizes_are_shown_in_the_largest_unit(size, text):
    assert capacity.show(size) == text


def test_what_is_free_is_within_the_memory_of_the_machine():
    import os

    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 0 < capacity.free() <= whole


def test_a_container_leaves_its_limit_less_what_cannot_be_dropped(tmp_path):
    (tmp_path / "max").write_text("1000\n")
    (tmp_path / "now").write_text("700\n")
    assert capacity._container(tmp_path, "max", "now") == 300
    (tmp_path / "memory.stat").write_text("anon 500\ninactive_file 150\n")
    assert capacity._container(tmp_path, "max", "now") == 450


@pytest.mark.parametrize("limit", ["max\n", None])
def test_without_a_limit_a_container_leaves_everything(tmp_path, limit):
    if limit:
        (tmp_path / "max").write_text(limit)
    (tmp_path / "now").write_text("700\n")
    assert capacity._container(tmp_path, "max", "now") > 2**60


def test_an_accelerator_is_asked_itself(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (5, 9))
    assert capacity.free("cuda") == 5
