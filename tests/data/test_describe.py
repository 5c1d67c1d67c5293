"""The line that says what was understood."""

from pathlib import Path

import pytest
import torch

from netwright.data.describe import described
from netwright.data.kinds import Kind
from netwright.data.stored import Page, Stored, StoredSplit
from netwright.data.tensors import Split


def splits(*shapes: tuple[int, ...], kind: torch.dtype = torch.uint8, masks: bool = True) -> dict[str, Split]:
    inputs = tuple(torch.zeros(shape, dtype=kind) for shape in shapes)
    targets = {Kind.MASK: inputs} if masks else {Kind.CLASS: torch.zeros(len(shapes))}
    one = Split(inputs[:1], {key: value[:1] for key, value in targets.items()})
    return {"train": Split(inputs, targets), "valid": one, "test": one}


PAIRS = Stored(("0", "255"), {}, values=(0, 255))


@pytest.mark.parametrize(
    ("shapes", "kind", "wanted"),
    [
        (
            [(1, 9, 8)] * 2,
            torch.uint8,
            "4 pairs, 9x8 grey, values {0, 255} → 2 classes; 2 train, 1 valid, 1 test",
        ),
        ([(3, 9, 8), (3, 20, 5)], torch.uint8, "4 pairs, 9x8 to 20x5 colour, values"),
        ([(1, 9, 8)], torch.uint16, "3 pairs, 9x8 16-bit grey, values"),
        ([(5, 9, 8, 7)], torch.float32, "3 volumes, 9x8x7 float32 with 5 channels, values"),
    ],
)
def test_pairs_are_described_by_size_colour_and_values(shapes, kind: torch.dtype, wanted: str):
    assert described(PAIRS, splits(*shapes, kind=kind)).startswith(wanted)


def test_ignored_values_and_other_nouns_are_named():
    pages = StoredSplit([Page(Path("a.tif"), 0)], {}, str)
    stored = Stored(("a", "b"), {"train": pages}, values=(0, 1), ignore=(255,))
    line = described(stored, splits((1, 9, 8)))
    assert line == "3 slices, 9x8 grey, values {0, 1} → 2 classes, {255} ignored; 1 train, 1 valid, 1 test"


def test_images_are_described_by_their_classes():
    line = described(Stored(("a", "b", "c"), {}), splits((3, 9, 8), masks=False))
    assert line == "3 images, 9x8 colour, 3 classes; 1 train, 1 valid, 1 test"
