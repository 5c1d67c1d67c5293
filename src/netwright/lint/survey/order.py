"""Inputs that follow each other, as the slices of a volume and the frames of a video do."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from netwright.data.stored import SPLITS, Content, Page
from netwright.lint.survey.origin import Files, within
from netwright.lint.survey.part import Part

_NUMBER = re.compile(r"(?P<name>.*?)(?P<number>\d+)\D*")
FAR = 5
"""Inputs this many steps apart are what neighbours are compared with."""
ABOVE = 0.95
"""A neighbour counts as alike if it is more similar than this share of the inputs that are far apart."""


@dataclass(frozen=True)
class Step:
    """Two neighbours of one sequence in two splits: an input that is held out and one to train on.

    `alike` says that they are more similar than most inputs of the sequence that are far apart.
    """

    split: str
    k: int
    train: int
    alike: bool


@dataclass(frozen=True)
class Crossings:
    """The steps between the training split and another one, and the numbers of inputs they are among."""

    steps: tuple[Step, ...]
    held_out: int

    @property
    def touched(self) -> int:
        """The number of held-out inputs that have a neighbour in the training split."""
        return len({(step.split, step.k) for step in self.steps})

    @property
    def alike(self) -> float:
        """The share of the steps between inputs that are alike."""
        return sum(step.alike for step in self.steps) / max(len(self.steps), 1)


def crossings(parts: Mapping[str, Part], root: str) -> Crossings:
    """Return where sequences of numbered files or pages pass from the training split to another."""
    sequences: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
    for name, part in parts.items():
        if isinstance(part.origin, Files):
            for k in part.rows.tolist():
                if (at := numbered(part.origin.split.images[k], root)) is not None:
                    sequences[at[0]].append((at[1], name, k))
    rows = {name: {k: row for row, k in enumerate(part.rows.tolist())} for name, part in parts.items()}
    steps: list[Step] = []
    held_out = 0
    for members in sequences.values():
        splits = {name for _, name, _ in members}
        if "train" in splits and len(splits) > 1:
            held_out += sum(name != "train" for _, name, _ in members)
            steps += _steps(sorted(members), parts, rows)
    return Crossings(tuple(steps), held_out)


def beside(part: Part, k: int, other: Part, like: int, root: str) -> bool:
    """Return whether two inputs are near neighbours in one sequence."""
    if not isinstance(part.origin, Files) or not isinstance(other.origin, Files):
        return False
    one = numbered(part.origin.split.images[k], root)
    two = numbered(other.origin.split.images[like], root)
    return one is not None and two is not None and one[0] == two[0] and abs(one[1] - two[1]) < FAR


def numbered(content: Content, root: str) -> tuple[str, int] | None:
    """Return the sequence that an input belongs to and its number in it; None if its name has no number.

    The names of splits in the path do not count, so that a sequence may go on in another split.

    >>> numbered(Path("cells/train/images/s_007.png"), "cells")
    ('images/s_', 7)
    """
    if isinstance(content, Page) and content.index is not None:
        return str(content.path), content.index
    path = content.path if isinstance(content, Page) else content
    if not isinstance(path, Path):
        return None
    parts = [part for part in Path(within(str(path), root)).parts if part.lower() not in SPLITS]
    match = _NUMBER.fullmatch(Path(parts[-1]).stem) if parts else None
    if match is None:
        return None
    return "/".join([*parts[:-1], match["name"]]), int(match["number"])


def _steps(
    members: list[tuple[int, str, int]], parts: Mapping[str, Part], rows: Mapping[str, Mapping[int, int]]
) -> list[Step]:
    """Return the steps of one sequence, whose members are in order."""
    small = np.stack([parts[name].sketch.small[rows[name][k]] for _, name, k in members]).astype(np.float32)
    chosen = np.unique(np.linspace(0, len(small) - 1, min(len(small), 500)).round().astype(int))
    apart = np.abs(chosen[:, None] - chosen[None]) >= FAR
    far = (small[chosen] @ small[chosen].T)[apart]
    bar = float(np.quantile(far, ABOVE)) if len(far) else np.inf
    steps = []
    for index, ((_, one, k), (_, two, like)) in enumerate(pairwise(members)):
        if (one == "train") != (two == "train"):
            alike = float(small[index] @ small[index + 1]) > bar
            split, held, train = (two, like, k) if one == "train" else (one, k, like)
            steps.append(Step(split, held, train, alike))
    return steps
