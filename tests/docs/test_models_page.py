"""docs/models.md and its pictures are what the networks are now."""

import re
import runpy
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from netwright.blocks.residual import Residual
from netwright.models.registry import entries
from netwright.spec import load
from netwright.trace.record import record

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


class Toy(torch.nn.Module):
    """A stem, two blocks that add, a skip around both, a head."""

    def __init__(self):
        super().__init__()
        self.stem = torch.nn.Conv2d(1, 4, 3, padding=1)
        self.body = torch.nn.Sequential(*[Residual(torch.nn.Conv2d(4, 4, 1)) for _ in range(2)])
        self.head = torch.nn.Conv2d(8, 2, 1)

    def forward(self, x):
        x = self.stem(x)
        return self.head(torch.cat([x, self.body(x)], 1))


def test_parts_are_the_modules_inside_containers_in_the_order_they_run(build):
    graph = record(Toy(), (1, 8, 8))
    drawn = build.parts(graph)
    assert drawn == ["stem", "body.0", "body.1", "head"]
    boxes, edges = build.wiring(graph, drawn)
    assert [(part.title, part.shape, part.adds) for part in boxes.values()] == [
        ("stem", (4, 8, 8), False),
        ("Residual", (4, 8, 8), True),
        ("Residual", (4, 8, 8), True),
        ("head", (2, 8, 8), False),
    ]
    chain = {("stem", "body.0"), ("body.0", "body.1"), ("body.1", "head")}
    assert chain | {("stem", "head")} <= edges <= chain | {("stem", "head"), ("stem", "body.1")}


def test_a_picture_is_the_same_each_time_and_higher_for_larger_maps(build):
    graph = build.run(entries()["lenet5"])
    drawn = build.picture(graph)
    assert build.picture(build.run(entries()["lenet5"])) == drawn
    heights = [float(high) for high in re.findall(r'<rect [^>]*height="([\d.]+)"', drawn)]
    assert heights == sorted(heights, reverse=True)
    assert len(heights) == len(re.findall(r'class="box"', drawn)) == 12
    assert "28x28" in drawn
    ElementTree.fromstring(drawn)
