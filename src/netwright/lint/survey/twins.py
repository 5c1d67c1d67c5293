"""Inputs that are nearly the same: found by their small pictures, and checked on their values."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from netwright.data.picture import Picture
from netwright.errors import UnreadableError
from netwright.lint.survey.part import Part
from netwright.lint.survey.sketch import sketch

NEAR = 0.05
"""Two inputs are nearly the same if their correlation is at least 1 minus this ..."""
USUAL = 0.1
"""... and their distance (1 minus the correlation) at most this share of what is usual in the data ..."""
EXACT = 0.002
"""... or at most this, which is how far a new compression of the same picture goes."""
TENTH = 10
"""What is usual in the data is the distance to the tenth nearest input, in the middle."""
SAMPLE = 200
CHECKED = 2000
"""The most pairs of two splits that are read again."""
BLOCK = 512


@dataclass(frozen=True)
class Twin:
    """Input number `k` of a split, the input number `like` of another that it resembles, and how much.

    `correlation` is that of all values; 1 means that the inputs are equal.
    """

    k: int
    like: int
    correlation: float


def twins(part: Part, other: Part, limit: float) -> list[Twin]:
    """Return the inputs of a split that are nearly the same as an input of another split.

    Equal inputs are known by their digests. For the rest, the nearest small picture is found for each input,
    and the candidates are read again and compared value by value.
    """
    if not len(part.rows) or not len(other.rows):
        return []
    known = dict(zip(reversed(other.sketch.digests), reversed(other.rows.tolist()), strict=True))
    equal = {
        int(k): known[digest]
        for k, digest, small in zip(part.rows, part.sketch.digests, part.sketch.small, strict=True)
        if digest in known and small.any()
    }
    alike = [Twin(k, like, 1.0) for k, like in equal.items()]
    for k, like in _candidates(part, other, limit, set(equal)):
        correlation = _correlation(part, k, other, like)
        if 1 - correlation <= limit:
            alike.append(Twin(k, like, correlation))
    return sorted(alike, key=lambda twin: (-twin.correlation, twin.k))


def nearly(part: Part, train: Part) -> float:
    """Return the largest distance at which inputs are nearly the same, for data such as these."""
    if not len(part.rows) or not len(train.rows):
        return EXACT
    chosen = np.linspace(0, len(part.rows) - 1, min(SAMPLE, len(part.rows))).round().astype(int)
    products = _tensor(part.sketch.small[chosen]) @ _tensor(train.sketch.small).T
    most = min(TENTH, products.shape[1])
    usual = 1 - float(products.topk(most, dim=1).values[:, -1].median())
    return max(EXACT, min(NEAR, USUAL * usual))


def _candidates(part: Part, other: Part, limit: float, skipped: set[int]) -> Iterator[tuple[int, int]]:
    """Yield the inputs whose nearest small picture is near enough, with that one, the nearest first."""
    best, index = nearest(_tensor(part.sketch.small), _tensor(other.sketch.small))
    near = [
        (float(distance), int(part.rows[row]), int(other.rows[index[row]]))
        for row, distance in enumerate(1 - best)
        if distance <= 2 * limit and int(part.rows[row]) not in skipped
    ]
    for _, k, like in sorted(near)[:CHECKED]:
        yield k, like


def nearest(queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
    """Return the largest product of each query [n, d] with any key [m, d], and the index of that key."""
    best, index = torch.empty(len(queries)), torch.empty(len(queries), dtype=torch.int64)
    flipped = keys.T.contiguous()
    for start in range(0, len(queries), BLOCK):
        rows = slice(start, start + BLOCK)
        best[rows], index[rows] = (queries[rows] @ flipped).max(1)
    return best, index


def _tensor(small: np.ndarray) -> Tensor:
    return torch.from_numpy(small.astype(np.float32))


def _correlation(part: Part, k: int, other: Part, like: int) -> float:
    """Return the correlation of all values of two inputs; of their small pictures if the sizes differ."""
    try:
        one, two = part.origin.image(k), other.origin.image(like)
    except UnreadableError:
        return 0.0
    if one.values.shape == two.values.shape:
        return float(np.dot(_unit(one.values), _unit(two.values)))
    if one.values.ndim != two.values.ndim:
        return 0.0
    return float(np.dot(_small(one), _small(two)))


def _small(picture: Picture) -> np.ndarray:
    return sketch(picture.values[None]).small[0]


def _unit(values: np.ndarray) -> np.ndarray:
    flat = np.nan_to_num(values.astype(np.float32).ravel())
    flat = flat - flat.mean()
    return flat / max(float(np.linalg.norm(flat)), 1e-30)
