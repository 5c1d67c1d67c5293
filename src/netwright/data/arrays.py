"""A data set from arrays in memory, or from any map-style Dataset of PyTorch."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from netwright.arithmetic.shape import show
from netwright.data import cache, flat, grouped, split
from netwright.data.describe import described
from netwright.data.kinds import Kind, Stack, stacked
from netwright.data.labels import Labels, chosen, distinct
from netwright.data.maps import LARGE
from netwright.data.moments import Moments, blocks
from netwright.data.reading import Reading
from netwright.data.stored import Page, Stored, StoredSplit
from netwright.data.tensors import Split
from netwright.errors import DataError

Pair = tuple[list[np.ndarray], Any]
"""Inputs [c, *space], and their targets: integers [n], or one map for each."""


def fields(
    inputs: Any,
    targets: Any,
    others: Mapping[str, Any],
    reading: Reading,
    name: str,
) -> dict[str, Any]:
    """Return the fields of `Data`; see `Data.of`.

    Raises:
        DataError: Inputs and targets do not belong together, or the classes cannot be told.
    """
    given = {"train": _pair(inputs, targets, "train")}
    given |= {part: _pair(*_two(value, part), part) for part, value in others.items() if value is not None}
    masks = isinstance(given["train"][1], list)
    kind = Kind.MASK if masks else Kind.CLASS
    if any(isinstance(targets, list) != masks for _, targets in given.values()):
        raise DataError("one split has classes for targets and another has masks; give one kind.")
    parts = {
        part: StoredSplit([Page(Path(part), k) for k in range(len(inputs))], {kind: targets}, str)
        for part, (inputs, targets) in given.items()
    }
    labels = _mask_labels(given, reading, name) if masks else _class_labels(given, reading, name)
    whole = grouped.complete(parts, name) if masks else split.complete(parts, {}, name)
    splits = {
        part: _split(given[part if part in given else "train"], one, kind) for part, one in whole.items()
    }
    return _data(name, labels, splits)


def _data(name: str, labels: Labels, splits: Mapping[str, Split]) -> dict[str, Any]:
    collected = Moments()
    for one in splits["train"].inputs:
        for block in blocks(one.numpy()):
            collected.add(block)
    mean, std = collected.values()
    whole = sha256(f"{labels}".encode())
    for part in ("train", "valid", "test"):
        kind, targets = next(iter(splits[part].targets.items()))
        whole.update(f"{part} {kind}".encode())
        for stack in (splits[part].inputs, targets):
            whole.update(cache.digest((str(k), one) for k, one in enumerate(stack)).encode())
    stored = Stored(labels.classes, {}, values=labels.values, ignore=labels.ignore)
    return {
        "name": name,
        "classes": labels.classes,
        **splits,
        "mean": mean,
        "std": std,
        "range": collected.range(),
        "digest": whole.hexdigest(),
        "values": labels.values,
        "ignore": labels.ignore,
        "layout": described(stored, splits),
    }


def _two(value: Any, part: str) -> tuple[Any, Any]:
    """Return inputs and targets of a split that is given as a pair, or as a Dataset."""
    return value if isinstance(value, tuple) and len(value) == 2 else (value, None)


def _pair(inputs: Any, targets: Any, part: str) -> Pair:
    """Return the inputs with their channels first, and the targets, of arrays or of a Dataset."""
    if targets is None:
        inputs, targets = _items(inputs, part)
    given = [np.asarray(one) for one in inputs]
    if len(given) != len(targets) or not given:
        raise DataError(f"the {part} split has {len(given)} inputs and {len(targets)} targets.")
    maps = [np.asarray(one) for one in targets]
    if all(one.ndim == 0 or one.shape == (1,) for one in maps):
        whole = np.array([one.reshape(()) for one in maps])
        if whole.dtype.kind not in "iu":
            raise DataError(
                f"the targets are {whole.dtype}; classes are integers and masks are maps of them."
            )
        return [_input(one, None, k) for k, one in enumerate(given)], whole.astype(np.int64)
    pairs = [(_input(i, m, k), _mask(m, k)) for k, (i, m) in enumerate(zip(given, maps, strict=True))]
    for k, (one, mask) in enumerate(pairs):
        if one.shape[1:] != mask.shape:
            raise DataError(f"input {k} is {show(one.shape[1:])} and its mask is {show(mask.shape)}.")
    return [one for one, _ in pairs], [mask for _, mask in pairs]


def _items(dataset: Any, part: str) -> tuple[list[Any], list[Any]]:
    """Return what a map-style Dataset holds."""
    if not hasattr(dataset, "__getitem__") or not hasattr(dataset, "__len__"):
        raise DataError(
            f"the {part} split is a {type(dataset).__name__}; give inputs and targets, or a Dataset."
        )
    items = [dataset[k] for k in range(len(dataset))]
    if not all(isinstance(item, Sequence) and len(item) == 2 for item in items):
        raise DataError(f"the items of the {part} split are not pairs of an input and a target.")
    return [one for one, _ in items], [target for _, target in items]


def _input(values: np.ndarray, mask: np.ndarray | None, k: int) -> np.ndarray:
    """Return an input [c, *space]; without a mask to tell, an array of two axes is a grey image."""
    if values.dtype.kind not in "biuf" or values.ndim == 0:
        raise DataError(f"input {k} is {values.dtype} of {show(values.shape)}; give numbers [c, *space].")
    bare = values.ndim == (2 if mask is None else mask.ndim)
    if not bare and mask is not None and values.shape[:-1] == mask.shape:
        values = np.moveaxis(values, -1, 0)  # as pictures have it
    values = values[None] if bare else values
    values = values.astype(np.uint8) if values.dtype == bool else values
    values = values.astype(np.float32) if values.dtype == np.float16 else values
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise DataError(f"input {k} holds values that are not finite (NaN or infinity).")
    return np.ascontiguousarray(values.astype(values.dtype.newbyteorder("="), copy=False))


def _mask(mask: np.ndarray, k: int) -> np.ndarray:
    if mask.dtype.kind not in "biu":
        raise DataError(f"the mask of input {k} is {mask.dtype}; masks hold integers.")
    mask = mask[0] if mask.ndim > 1 and len(mask) == 1 else mask
    return mask.astype(np.uint8) if mask.dtype == bool else np.ascontiguousarray(mask)


def _class_labels(given: Mapping[str, Pair], reading: Reading, name: str) -> Labels:
    seen = sorted({int(target) for _, targets in given.values() for target in targets})
    count = len(reading.classes) or seen[-1] + 1
    if seen[0] < 0 or seen[-1] >= count:
        bad = seen[0] if seen[0] < 0 else seen[-1]
        raise DataError(f"`{name}` has the class {bad}; classes are 0..{count - 1}.")
    return Labels(reading.classes or tuple(str(k) for k in range(count)), ())


def _mask_labels(given: Mapping[str, Pair], reading: Reading, name: str) -> Labels:
    seen = sorted({int(v) for _, masks in given.values() for mask in masks for v in _distinct(mask)})
    labels = chosen(seen, False, reading, name)
    if odd := set(seen) - {*labels.values, *labels.ignore}:
        raise DataError(
            f"a mask of `{name}` has the value {min(odd)}, which is neither a class nor ignored; name it by "
            "`classes`, or list it in `ignore`."
        )
    return labels


def _split(pair: Pair, part: StoredSplit, kind: Kind) -> Split:
    """Return one split: stacked where all examples have one shape."""
    inputs, targets = pair
    indices = [image.index or 0 for image in part.images if isinstance(image, Page)]
    packed = _packed([inputs[k] for k in indices])
    if kind is Kind.CLASS:
        if not isinstance(packed, Tensor):
            raise DataError("the inputs have different shapes; classes need inputs of one shape.")
        return Split(packed, {kind: torch.tensor([int(targets[k]) for k in indices])})
    return Split(packed, {kind: _packed([targets[k] for k in indices])})


def _distinct(mask: np.ndarray) -> set[int]:
    """Return the values of a map, a part at a time, because it may be a memory map."""
    return {value for block in blocks(mask[None]) for value in distinct(block)}


def _packed(arrays: list[np.ndarray]) -> Stack:
    """Return examples as one tensor where they have one shape; memory maps stay maps where they are large."""
    maps = [flat.in_place(one) for one in arrays if one.nbytes >= LARGE]
    if len(maps) == len(arrays) and all(one is not None for one in maps):
        return tuple(one for one in maps if one is not None)
    tensors = [torch.from_numpy(one if one.flags.writeable else one.copy()) for one in arrays]
    same = len({(one.shape, one.dtype) for one in tensors}) == 1
    return stacked(tensors) if same else tuple(tensors)
