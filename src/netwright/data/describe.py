"""What was understood of a data set, in one line."""

from collections.abc import Mapping

from netwright.arithmetic.shape import show
from netwright.data.kinds import Kind
from netwright.data.labels import written
from netwright.data.stored import Page, Stored
from netwright.data.tensors import Split

BITS = {"torch.uint8": "", "torch.uint16": "16-bit "}


def described(stored: Stored, splits: Mapping[str, Split]) -> str:
    """Return that line: `30 pairs, 512x512 grey, values {0, 255} → 2 classes; 20 train, 4 valid, 6 test`."""
    count = sum(len(split) for split in splits.values())
    parts = [f"{count:,} {_noun(stored, splits)}", _form(splits)]
    if Kind.MASK in splits["train"].targets:
        values = f"values {written(stored.values, stored.colours)} → {len(stored.classes)} classes"
        ignored = f", {written(stored.ignore, stored.colours)} ignored" if stored.ignore else ""
        parts.append(values + ignored)
    else:
        parts.append(f"{len(stored.classes)} classes")
    sizes = ", ".join(f"{len(splits[name]):,} {name}" for name in ("train", "valid", "test"))
    return f"{', '.join(parts)}; {sizes}"


def _noun(stored: Stored, splits: Mapping[str, Split]) -> str:
    """Return what the examples are called."""
    if Kind.MASK not in splits["train"].targets:
        return "images"
    if len(splits["train"].shapes[0]) == 4:
        return "volumes"
    paged = "train" in stored.splits and isinstance(stored.splits["train"].images[0], Page)
    return "slices" if paged else "pairs"


def _form(splits: Mapping[str, Split]) -> str:
    """Return the sizes and the colours of the inputs."""
    shapes = sorted({shape for split in splits.values() for shape in split.shapes})
    sizes = sorted({shape[1:] for shape in shapes}, key=lambda size: (sum(size), size))
    size = show(sizes[0]) if len(sizes) == 1 else f"{show(sizes[0])} to {show(sizes[-1])}"
    types = sorted({str(one.dtype) for one in (split.inputs[0] for split in splits.values())})
    bits = " and ".join(BITS.get(kind, kind.removeprefix("torch.") + " ") for kind in types)
    channels = shapes[0][0]
    return f"{size} {bits}{ {1: 'grey', 3: 'colour'}.get(channels, f'with {channels} channels') }"
