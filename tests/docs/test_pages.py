"""Every example of the documentation runs, and prints what the page shows.

The pages of the rules are made from the rules, whose examples tests/lint/rules runs; decisions are history.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from docs.pages import difference, failures, unknown_languages

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def scans(root: Path) -> None:
    """Write 12 noisy pictures of one bright disc each, with masks of 0 and 255."""
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:48, :48]
    for folder in ("images", "masks"):
        (root / folder).mkdir(parents=True)
    for k in range(12):
        y, x, radius = random.integers((12, 12, 6), (36, 36, 11))
        disc = (rows - y) ** 2 + (columns - x) ** 2 < radius**2
        image = 80 + 90 * disc + random.normal(0, 12, disc.shape)
        Image.fromarray(image.clip(0, 255).astype(np.uint8)).save(root / "images" / f"{k:02}.png")
        Image.fromarray(np.where(disc, 255, 0).astype(np.uint8)).save(root / "masks" / f"{k:02}.png")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_example_of_the_page_runs_and_prints_what_is_shown(page, tmp_path, monkeypatch):
    shutil.copy(Path(__file__).parent / "net.py", tmp_path)
    shutil.copy(ROOT / "tests" / "lint" / "programs" / "course_cifar.py", tmp_path)
    scans(tmp_path / "scans")
    monkeypatch.chdir(tmp_path)
    wrong = failures(page)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_has_a_language_that_says_whether_it_runs(page):
    assert unknown_languages(page) == []


def test_a_wrong_example_is_reported_with_its_page_and_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"
    command = "```console\n$ netwright --version\n0.0.0\n```\n"
    page.write_text(f"One\n\n{command}\n```python\nx = 1\n```\n\n```python\nassert x == 2\n```\n")
    wrong_version, wrong_value = failures(page)
    assert wrong_version.startswith("page.md:4: line 1 shows '0.0.0', printed is '")
    assert wrong_value.startswith("page.md:12: AssertionError")


def test_lines_that_are_missing_left_over_or_out_of_order_differ():
    assert "nothing more" in difference(["a", "b"], ["a"])
    assert "printed is also 'b'" in difference(["a"], ["a", "b"])
    assert difference(["b", "a"], ["a", "b"]) != ""
    assert difference(["...", "b"], ["a", "b"]) == ""
    assert difference([], ["whatever"]) == ""
