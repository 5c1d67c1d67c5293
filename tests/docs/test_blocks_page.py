"""docs/blocks.md and its pictures are what the blocks are now."""

import re
import runpy
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

import netwright as nw

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "blocks.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^###? |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def build() -> SimpleNamespace:
    """The script's functions; its `main` does not run."""
    return SimpleNamespace(**runpy.run_path(str(DOCS / "build_blocks.py")))


def test_the_page_has_a_section_and_a_picture_for_every_public_block(build):
    public = {name for name in nw.blocks.__all__ if isinstance(getattr(nw.blocks, name), type)}
    assert set(SECTIONS) == public == set(build.EXAMPLES)
    assert {path.stem for path in (DOCS / "blocks").glob("*.svg")} == public


@pytest.mark.parametrize("name", SECTIONS)
def test_the_section_and_the_picture_are_as_they_would_be_written_now(build, name: str):
    block = build.blocks()[name]
    assert build.section(name, block).strip() == f"### {name}\n{SECTIONS[name]}".strip()
    drawn = (DOCS / "blocks" / f"{name}.svg").read_text(encoding="utf-8")
    assert build.picture(build.run(name)) == drawn


@pytest.mark.parametrize("name", SECTIONS)
def test_the_figures_on_the_page_are_those_of_a_real_run(build, name: str):
    """The page is written from a recorded run on the meta device; this one computes."""
    net, shapes = build.example(name), build.EXAMPLES[name][1]
    with torch.no_grad():
        output = net(*(torch.rand(2, *shape) for shape in shapes))
    row = next(line for line in SECTIONS[name].splitlines() if line.startswith("| `"))
    _, _, shape, count, _ = [cell.strip() for cell in row.strip("|").split(" | ")]
    assert shape == "x".join(map(str, output.shape[1:]))
    assert int(count.replace(",", "")) == sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize("name", SECTIONS)
def test_every_block_says_its_shapes_and_its_paper(name: str):
    assert "Shape: " in SECTIONS[name]
    assert re.search(r"Paper: .*(19|20)\d\d", SECTIONS[name])


def test_a_shortcut_is_drawn_over_the_branch_and_meets_it_in_a_sign(build):
    graph = build.record(nw.blocks.Residual(nn.Conv2d(4, 4, 3, padding=1)), (4, 8, 8))
    boxes, (first,), (last,) = build.wiring(graph)
    assert [box.lines for box in boxes] == [["4x8x8"], ["conv 3x3"], ["+"], ["4x8x8"]]
    assert last.sources == [boxes[2]]
    assert set(boxes[2].sources) == {first, boxes[1]}
    build.place(boxes, [last])
    assert set(build.lanes_of(boxes)) == {(id(first), id(boxes[2]))}
    assert [box.column for box in boxes] == [0, 1, 2, 3]


def test_operations_share_a_box_until_the_flow_branches(build):
    net = nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU(), nw.blocks.Residual(nn.Sigmoid()))
    boxes, _, _ = build.wiring(build.record(net, (4, 8, 8)))
    assert [box.lines for box in boxes[1:-1]] == [["conv 1x1", "ReLU"], ["sigmoid"], ["+"]]


@pytest.mark.parametrize("name", ["Inception", "FractalUnit", "Hourglass"])
def test_no_box_lies_over_another_one(build, name: str):
    boxes, _, outputs = build.wiring(build.run(name))
    width, height = build.place(boxes, outputs)
    for at, box in enumerate(boxes):
        assert 0 <= box.x - box.width / 2 <= box.x + box.width / 2 <= width
        assert 0 <= box.y - box.height / 2 <= box.y + box.height / 2 <= height
        for other in boxes[:at]:
            apart = abs(box.x - other.x) >= (box.width + other.width) / 2
            assert apart or abs(box.y - other.y) >= (box.height + other.height) / 2


def test_a_picture_is_well_formed(build):
    for name in ("NormedConv", "Up"):
        ElementTree.fromstring(build.picture(build.run(name)))
