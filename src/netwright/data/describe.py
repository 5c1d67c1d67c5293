"""What was understood of a data set, in one line."""

from collections.abc import Mapping, Set

from netwright.arithmetic.shape import show
from netwright.data.kinds import Kind
from netwright.data.labels import written
from netwright.data.stored import Page, Stored
from netwright.data.tensors import Split

BITS = {"uint8": "", "uint16": "16-bit "}


def described(stored: Stored, splits: Mapping[str, Split]) -> str:
    """Return that line: `30 pairs, 512x512 grey, values {0, 255} → 2 classes; 20 train, 4 valid, 6 test`."""
    sizes = {name: len(splits[name]) for name in ("train", "valid", "test")}
    shapes = {shape for split in splits.values() for shape in split.shapes}
    types = {str(split.inputs[0].dtype).removeprefix("torch.") for split in splits.values()}
    return sentence(stored, sizes, shapes, types, masks=Kind.MASK in splits["train"].targets)


def sentence(
    stored: Stored, sizes: Mapping[str, int], shapes: Set[tuple[int, ...]], types: Set[str], *, masks: bool
) -> str:
    """Return the same line from the sizes of the splits, and the shapes and types of the inputs."""
    noun = _noun(stored, min(map(len, shapes))) if masks else "images"
    parts = [f"{sum(sizes.values()):,} {noun}", _form(shapes, types)]
    if masks:
        values = f"values {written(stored.values, stored.colours)} → {len(stored.classes)} classes"
        ignored = f", {written(stored.ignore, stored.colours)} ignored" if stored.ignore else ""
        parts.append(values + ignored)
    else:
        parts.append(f"{len(stored.classes)} classes")
    return f"{', '.join(parts)}; {', '.join(f'{size:,} {name}' for name, size in sizes.items())}"


def _noun(stored: Stored, axes: int) -> str:
    """Return what examples with masks are called: by their axes, and by what they are read from."""
    paged = "train" in stored.splits and isinstance(stored.splits["train"].images[0], Page)
    return "volumes" if axes == 4 else "slices" if paged else "pairs"


def _form(shapes: Set[tuple[int, ...]], types: Set[str]) -> str:
    """Return the sizes and the colours of the inputs."""
    sizes = sorted({shape[1:] for shape in shapes}, key=lambda size: (sum(size), size))
    size = show(sizes[0]) if len(sizes) == 1 else f"{show(sizes[0])} to {show(sizes[-1])}"
    bits = " and ".join(BITS.get(kind, kind + " ") for kind in sorted(types))
    channels = min(shapes)[0]
    return f"{size} {bits}{ {1: 'grey', 3: 'colour'}.get(channels, f'with {channels} channels') }"
