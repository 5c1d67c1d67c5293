"""Where the examples of a split come from: files that are read one by one, or tensors in memory."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from torch import Tensor

from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.data.picture import Picture
from netwright.data.read import read, read_map
from netwright.data.stored import Channels, Content, Page, Slices, StoredSplit

_QUOTED = re.compile(r"`([^`]+)`")


class Origin(Protocol):
    """The examples of one split; every one can be read again."""

    @property
    def labels(self) -> np.ndarray | None:
        """The class index of each example [n]; None if the examples have no classes."""

    @property
    def groups(self) -> Sequence[str]:
        """What each example belongs to (a volume, a video); empty where that is not known."""

    @property
    def masked(self) -> bool:
        """Whether the examples have masks."""

    def __len__(self) -> int: ...

    def image(self, k: int) -> Picture:
        """Read the input number k."""

    def mask(self, k: int) -> Picture:
        """Read the mask number k."""

    def place(self, k: int, *, mask: bool = False) -> str:
        """Return where the input number k, or its mask, is, for a message."""

    def file(self, k: int, *, mask: bool = False) -> str:
        """Return the file that the input number k, or its mask, is read from."""


class _OfSplit:
    """What files and tensors have in common: a split that knows its groups and its kinds of targets."""

    split: StoredSplit | Split

    @property
    def groups(self) -> Sequence[str]:
        """What each example belongs to; empty where that is not known."""
        return self.split.groups

    @property
    def masked(self) -> bool:
        """Whether the examples have masks."""
        return Kind.MASK in self.split.targets

    def __len__(self) -> int:
        return len(self.split)


@dataclass(frozen=True, eq=False)
class Files(_OfSplit):
    """The examples of a stored split, of a data set whose folder or name is `root`.

    `colours` says that the values of the masks are colours.
    """

    split: StoredSplit
    root: str
    colours: bool = False

    @cached_property
    def labels(self) -> np.ndarray | None:
        """The class index of each example."""
        return np.array(self.split.targets[Kind.CLASS]) if Kind.CLASS in self.split.targets else None

    def image(self, k: int) -> Picture:
        """Read an image."""
        return read(self.split.images[k])

    def mask(self, k: int) -> Picture:
        """Read a mask."""
        return read_map(self.split.targets[Kind.MASK][k], colours=self.colours)

    def place(self, k: int, *, mask: bool = False) -> str:
        """Return the file, or the part of it, relative to the folder of the data."""
        if mask:
            path = _path(self.split.targets[Kind.MASK][k])
            return f"`{within(str(path), self.root)}`" if path else f"the mask of {self.place(k)}"
        return _QUOTED.sub(lambda quoted: f"`{within(quoted[1], self.root)}`", self.split.place(k))

    def file(self, k: int, *, mask: bool = False) -> str:
        """Return the file relative to the working folder."""
        contents = self.split.targets[Kind.MASK] if mask else self.split.images
        path = _path(contents[k])
        if path is None:
            quoted = _QUOTED.search(self.split.place(k))
            path = Path(quoted[1] if quoted else self.root)
        return relative(str(path))


@dataclass(frozen=True, eq=False)
class Tensors(_OfSplit):
    """The examples of a split in memory."""

    split: Split
    name: str

    @cached_property
    def labels(self) -> np.ndarray | None:
        """The class index of each example."""
        labels = self.split.targets.get(Kind.CLASS)
        return labels.numpy() if isinstance(labels, Tensor) else None

    def image(self, k: int) -> Picture:
        """Return an input."""
        return Picture(self.split.inputs[k].numpy())

    def mask(self, k: int) -> Picture:
        """Return a mask with one channel."""
        return Picture(self.split.targets[Kind.MASK][k].numpy()[None])

    def place(self, k: int, *, mask: bool = False) -> str:
        """Return the number of an example, from 0."""
        return f"the mask of example {k}" if mask else f"example {k}"

    def file(self, k: int, *, mask: bool = False) -> str:
        """Return the name of the data."""
        return self.name


def relative(path: str) -> str:
    """Return a path relative to the working folder if it is inside, else as it is."""
    inside = os.path.relpath(path) if os.path.exists(path) else path
    return path if inside.startswith("..") else inside


def within(path: str, root: str) -> str:
    """Return a path relative to a folder if it is inside, else as it is.

    >>> within("cells/images/03.png", "cells"), within("a.png", "cells")
    ('images/03.png', 'a.png')
    """
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path


def _path(content: Content) -> Path | None:
    """Return the file of a content, the first one of several; None for bytes."""
    match content:
        case Path():
            return content
        case Page(path=path):
            return path
        case Channels(parts=parts) | Slices(parts=parts):
            return _path(parts[0])
    return None
