"""docs/models.md and its pictures are what the networks are now."""

import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from netwright.models.registry import entries
from netwright.spec import load

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "models.md").read_text(encoding="utf-8")
ROWS = {line.split("`")[1]: line for line in PAGE.splitlines() if line.startswith("| `")}
DEEPEST = {"resnet1202", "preresnet1001"}


@pytest.fixture(scope="module")
def build() -> SimpleNamespace:
    """The script's functions; its `main` does not run."""
    return SimpleNamespace(**runpy.run_path(str(DOCS / "build_models.py")))


def test_the_page_has_a_row_for_every_network_and_a_section_for_every_family(build):
    assert set(ROWS) == {name for name, entry in entries().items() if entry.complete}
    assert re.findall(r"^## (\w+)$", PAGE, flags=re.MULTILINE) == list(build.families())


def test_every_family_has_its_picture_and_no_picture_is_left_over(build):
    assert {path.stem for path in (DOCS / "models").glob("*.svg")} == set(build.families())


@pytest.mark.parametrize("name", sorted(set(ROWS) - DEEPEST))
def test_the_parameters_on_the_page_are_the_network_s(name: str):
    with torch.device("meta"):
        net = load(name)
    assert f"| {sum(p.numel() for p in net.parameters()):,} |" in ROWS[name]


@pytest.mark.parametrize(
    "family", ["convnet", "unet", "resnet", "imagenet_resnet", "vit", "hourglass", "googlenet", "vgg"]
)
def test_row_and_picture_of_the_shown_network_are_as_they_would_be_written_now(build, family: str):
    entry = build.shown(family, build.families()[family])
    graph = build.run(entry)
    assert build.row(entry, graph) == ROWS[entry.name]
    drawn = (DOCS / "models" / f"{family}.svg").read_text(encoding="utf-8")
    assert build.picture(graph) == drawn


@pytest.mark.parametrize(
    ("name", "field"), [("resnet18", "435 /32"), ("resnet50", "427 /32"), ("vit_tiny", "whole")]
)
def test_receptive_fields_on_the_page_are_the_published_ones(name: str, field: str):
    assert ROWS[name].split("|")[-2].strip().startswith(field)


def test_a_skip_is_drawn_where_a_later_part_takes_an_earlier_output(build):
    """The U-Net has four, from each size down to the same size up; its way down and up has none else."""
    _, edges = build.wiring(graph := build.run(entries()["unet"]), build.parts(graph))
    skips = {(a, b) for a, b in edges if a in ("first", "downs.0", "downs.1", "downs.2") and "ups" in b}
    assert len(skips) == 4
    drawn = (DOCS / "models" / "unet.svg").read_text(encoding="utf-8")
    assert drawn.count("C") - drawn.count("CroppedUp") == 4
