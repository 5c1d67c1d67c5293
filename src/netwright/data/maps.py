"""Decoding of images with masks: of one size or of many, and of volumes larger than memory.

Every example is decoded once, one after the other, into two files of the cache for each split, from which it
is mapped into memory. What is stored without compression in large files is mapped where it is.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock
from torch import Tensor

from netwright.arithmetic.shape import show
from netwright.data import cache, flat
from netwright.data.fit import fit
from netwright.data.kinds import Kind, Stack
from netwright.data.labels import distinct, written
from netwright.data.moments import FIXED, Moments, blocks
from netwright.data.picture import Picture
from netwright.data.progress import shown
from netwright.data.read import forget, read, read_map
from netwright.data.readers.image import limited
from netwright.data.stored import Stored, StoredSplit, stamps
from netwright.data.tensors import Split
from netwright.errors import DataError, UnreadableError

VERSION = 2  # of the files; raised when decoding changes
LARGE = 2**24  # bytes from which an uncompressed file is mapped where it is
ROOM = 2**32  # bytes of examples that are held in memory; the maps of larger sets stay on the disk


class Maps:
    """Decodes the splits of one data set.

    Args:
        stored: The data set, with all three splits.
        size: Resize the shorter side to this and crop the centre, masks by their nearest value.
        skip_bad: Leave out examples that cannot be read and count them in `skipped`.
        max_pixels: The largest picture that is decoded.
    """

    def __init__(self, stored: Stored, size: int | None, skip_bad: bool, max_pixels: int | None):
        self.stored, self.size, self.skip_bad, self.max_pixels = stored, size, skip_bad, max_pixels
        self.skipped = 0
        self.moments = Moments()
        self.digest = sha256(f"{stored.classes} {stored.values} {stored.ignore}".encode())
        self.allowed = {*stored.values, *stored.ignore}
        self._first: tuple[str, Picture] | None = None

    def load(self) -> tuple[dict[str, Split], dict[str, Any]]:
        """Return the splits, and facts: mean, std, range, digest, skipped.

        Raises:
            DataError: An example is damaged or its mask does not fit, or the cache cannot be written.
        """
        splits = sorted(self.stored.splits.items())
        marks = [(name, stamps(split.images), stamps(split.targets[Kind.MASK])) for name, split in splits]
        options = f"{self.digest.hexdigest()} {self.size} {self.skip_bad} {self.max_pixels}"
        key = sha256(f"maps {VERSION} {options} {marks}".encode()).hexdigest()
        folder = cache.folder() / key
        try:
            cache.folder().mkdir(parents=True, exist_ok=True)
            with FileLock(cache.folder() / f".{key}.lock"):
                facts = _facts(folder)
                if facts is None:
                    facts = self._write(folder)
        except OSError as error:
            raise DataError(
                f"the decoded images cannot be stored in {cache.folder()} ({error}); set NETWRIGHT_CACHE to "
                "another folder."
            ) from error
        tensors = {name: self._open(folder, name, facts["entries"][name]) for name in self.stored.splits}
        return _splits(tensors, facts, self.stored), facts

    def _write(self, folder: Path) -> dict[str, Any]:
        """Decode everything into a folder beside the final one, and move it there when it is whole."""
        draft = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        draft.mkdir()
        try:
            with limited(self.max_pixels):
                entries = {name: self._split(draft, name) for name in ("train", "valid", "test")}
            mean, std = self.moments.values()
            facts = {
                "mean": mean,
                "std": std,
                "range": self.moments.range(),
                "digest": self.digest.hexdigest(),
                "skipped": self.skipped,
                "entries": entries,
            }
            (draft / "facts.json").write_text(json.dumps(facts))
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            forget()
        return facts

    def _split(self, draft: Path, name: str) -> dict[str, Any]:
        """Write one split; return where each input and mask is, and the indices that could be read."""
        split = self.stored.splits[name]
        self.digest.update(name.encode())
        kept: list[int] = []
        with (draft / f"{name}.inputs").open("wb") as inputs, (draft / f"{name}.masks").open("wb") as masks:
            writers = flat.Writer(inputs), flat.Writer(masks)
            for k in shown(range(len(split)), f"decoding {name}"):
                try:
                    pictures = self._example(split, k)
                except UnreadableError as error:
                    if not self.skip_bad:
                        raise DataError(
                            f"{split.place(k)} cannot be read: {error}; repair or remove it, or leave bad "
                            "images out with --skip-bad (skip_bad=True)."
                        ) from error
                    self.skipped += 1
                    continue
                kept.append(k)
                for writer, values in zip(writers, pictures, strict=True):
                    self._append(writer, values, counted=name == "train" and writer is writers[0])
        if not kept:
            raise DataError(f"the {name} split has no readable image; {self.skipped} could not be read.")
        return {"inputs": writers[0].entries, "masks": writers[1].entries, "kept": kept}

    def _example(self, split: StoredSplit, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return an image [c, *space] and its mask [1, *space]."""
        picture = read(split.images[k])
        try:
            mask = read_map(split.targets[Kind.MASK][k], colours=self.stored.colours)
        except UnreadableError as error:
            raise UnreadableError(f"its mask: {error}") from error
        if picture.values.shape == mask.space:  # a volume with few slices, not an image with few channels
            picture = replace(picture, values=picture.values[None])
        if picture.space != mask.space:
            turned = picture.orientation > 4 and picture.space == mask.space[::-1]
            why = " (the image was turned by its EXIF orientation)" if turned else ""
            raise DataError(
                f"{split.place(k)} is {show(picture.space)} and its mask is {show(mask.space)}{why}; they "
                "must have one size."
            )
        self._agree(split.place(k), picture)
        if picture.values.dtype.kind == "f" and not all(
            np.isfinite(part).all() for part in blocks(picture.values)
        ):
            raise UnreadableError("it holds values that are not finite (NaN or infinity)")
        self._known(split.place(k), mask.values)
        if self.size is None:
            return picture.values, mask.values
        return fit(picture.values, self.size), fit(mask.values, self.size, nearest=True)

    def _agree(self, place: str, picture: Picture) -> None:
        """Refuse an image that has other channels, or another scale of brightness, than the first one."""
        if self._first is None:
            self._first = (place, picture)
        where, first = self._first
        if len(first.values) != len(picture.values) or first.values.ndim != picture.values.ndim:
            raise DataError(
                f"{place} has {_form(picture)}, while {where} has {_form(first)}; convert one of them."
            )
        types = {first.values.dtype, picture.values.dtype}
        if len(types) > 1 and types & set(FIXED):
            raise DataError(
                f"{place} is {picture.values.dtype}, while {where} is {first.values.dtype}; convert one of "
                "them."
            )

    def _known(self, place: str, mask: np.ndarray) -> None:
        """Refuse a mask with values that stand for nothing."""
        for part in blocks(mask):
            odd = set(distinct(part)) - self.allowed
            if odd:
                raise DataError(
                    f"the mask of {place} has the values {written(odd)}, and the classes are "
                    f"{written(self.stored.values)}; name them by --classes, or leave them out by --ignore."
                )

    def _append(self, writer: flat.Writer, values: np.ndarray, *, counted: bool) -> None:
        """Write an array, or note that it is mapped where it is."""
        there = self.size is None and values.nbytes >= LARGE and flat.in_place(values) is not None
        if there:
            writer.entries.append({"shape": list(values.shape), "type": values.dtype.name})
        else:
            writer.start(values.shape, values.dtype)
            writer.write(values)
        self.digest.update(f"{values.shape} {values.dtype}".encode())
        for part in blocks(values):
            self.digest.update(np.ascontiguousarray(part).data)
            if counted:
                self.moments.add(part)

    def _open(self, folder: Path, name: str, entries: Mapping[str, Any]) -> tuple[list[Tensor], list[Tensor]]:
        """Return the inputs and the masks of a split as memory maps."""
        split = self.stored.splits[name]
        sides = []
        for side, contents in (("inputs", split.images), ("masks", split.targets[Kind.MASK])):
            own = iter(flat.mapped(folder / f"{name}.{side}", [e for e in entries[side] if "offset" in e]))
            take = read if side == "inputs" else read_map
            sides.append(
                [
                    next(own)
                    if "offset" in entry
                    else _there(take(contents[k]).values.reshape(entry["shape"]))
                    for entry, k in zip(entries[side], entries["kept"], strict=True)
                ]
            )
        forget()
        return sides[0], sides[1]


def _there(values: np.ndarray) -> Tensor:
    tensor = flat.in_place(values)
    return torch.from_numpy(np.ascontiguousarray(values)) if tensor is None else tensor


def _facts(folder: Path) -> dict[str, Any] | None:
    """Return what was written of a data set; None if it is missing or its files have lost their ends."""
    try:
        facts = json.loads((folder / "facts.json").read_text())
    except (OSError, ValueError):
        return None
    files = [
        (folder / f"{name}.{side}", [entry for entry in entries[side] if "offset" in entry])
        for name, entries in facts["entries"].items()
        for side in ("inputs", "masks")
    ]
    return facts if all(flat.whole(path, entries) for path, entries in files) else None


def _splits(
    tensors: Mapping[str, tuple[list[Tensor], list[Tensor]]], facts: Mapping[str, Any], stored: Stored
) -> dict[str, Split]:
    """Return the splits: in memory where all examples have one shape and there is room, else as maps."""
    every = [one for sides in tensors.values() for side in sides for one in side]
    shapes = {tuple(one.shape) for inputs, _ in tensors.values() for one in inputs}
    room = sum(one.nbytes for one in every) <= ROOM
    pack = _stack if len(shapes) == 1 and room else tuple
    splits = {}
    for name, (inputs, masks) in tensors.items():
        kept = stored.splits[name].part(facts["entries"][name]["kept"])
        packed: tuple[Stack, Stack] = pack(inputs), pack([mask[0] for mask in masks])
        splits[name] = Split(packed[0], {Kind.MASK: packed[1]}, kept.groups, kept.places())
    return splits


def _stack(tensors: list[Tensor]) -> Tensor:
    """Return a copy in memory, of the type that holds the values of all."""
    types = {one.dtype for one in tensors}
    if len(types) > 1:
        widest = np.result_type(*(str(kind).removeprefix("torch.") for kind in types))
        tensors = [one.to(getattr(torch, widest.name)) for one in tensors]
    return torch.stack(tensors)


def _form(picture: Picture) -> str:
    axes = "a volume" if picture.values.ndim == 4 else "an image" if picture.values.ndim == 3 else "a signal"
    count = len(picture.values)
    return f"{count} channel{'s' * (count > 1)} ({axes})"
