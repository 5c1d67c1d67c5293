"""Stratified splits: every class gets its share, and the same examples every time."""

from collections.abc import Mapping, Sequence

import numpy as np

from netwright.data.kinds import Kind
from netwright.data.stored import StoredSplit
from netwright.errors import DataError

SEED = (
    20151210  # of every split, whatever the seed of a run, so that designs are compared on the same examples
)
SHARE = 0.1  # of the training images, held out for a split that the data set lacks


def complete(
    given: Mapping[str, StoredSplit], held_out: Mapping[str, int], name: str
) -> dict[str, StoredSplit]:
    """Return train, valid and test; a missing one is held out of train: `held_out[split]` images, or a tenth.

    Raises:
        DataError: There are too few images to hold any out.
    """
    splits = dict(given)
    for split in ("test", "valid"):
        if split not in given:
            total = held_out.get(split, max(1, round(len(given["train"]) * SHARE)))
            chosen, rest = draw(splits["train"].targets[Kind.CLASS], total, keep=1)
            if not chosen:
                raise DataError(
                    f"`{name}` has too few images to hold a {split} split out of {len(splits['train'])}; "
                    f"add the split, or have at least three images per class."
                )
            splits[split], splits["train"] = splits["train"].part(chosen), splits["train"].part(rest)
    return splits


def reduce(splits: Mapping[str, StoredSplit], limit: int, name: str) -> dict[str, StoredSplit]:
    """Return a stratified part of `limit` training examples; the other splits shrink in proportion.

    Raises:
        DataError: The limit leaves a class without an example.
    """
    classes = len(set(splits["train"].targets[Kind.CLASS]))
    if limit < classes:
        raise DataError(
            f"`limit` (={limit}) is less than the {classes} classes of `{name}`; give at least that many."
        )
    share = limit / len(splits["train"])
    totals = {split: round(len(part) * share) for split, part in splits.items()} | {"train": limit}
    return {
        split: part.part(draw(part.targets[Kind.CLASS], totals[split])[0]) for split, part in splits.items()
    }


def draw(targets: Sequence[int], total: int, *, keep: int = 0) -> tuple[list[int], list[int]]:
    """Return the indices of a stratified part of `total` examples and of the rest, both in ascending order.

    Every class gives at least one example, but only beyond the `keep` examples that it keeps; so the part is
    larger than `total` where there are more classes than that.
    """
    # numpy promises not to change the stream of RandomState, so a split is the same in every version.
    random = np.random.RandomState(SEED)
    values = np.array(targets)
    members = [np.flatnonzero(values == value) for value in np.unique(values)]
    quotas = apportion([len(member) for member in members], total, keep=keep)
    chosen = np.zeros(len(values), dtype=bool)
    for member, quota in zip(members, quotas, strict=True):
        chosen[random.permutation(member)[:quota]] = True
    return np.flatnonzero(chosen).tolist(), np.flatnonzero(~chosen).tolist()


def apportion(counts: Sequence[int], total: int, *, keep: int = 0) -> list[int]:
    """Return shares of `total` in proportion to `counts`: at least 1 each, and at most what leaves `keep`.

    The rest goes to the largest remainders (the method of Hamilton).

    >>> apportion([50, 30, 20], 10)
    [5, 3, 2]
    >>> apportion([1000, 1], 10)
    [9, 1]
    >>> apportion([1000, 1], 10, keep=1)
    [10, 0]
    """
    shares = [count * total / sum(counts) for count in counts]
    most = [max(count - keep, 0) for count in counts]
    least = [min(1, room) for room in most]
    quotas = [min(max(int(s), low), high) for s, low, high in zip(shares, least, most, strict=True)]
    while sum(quotas) < total and quotas != most:
        quotas[
            _furthest([s - q if q < m else None for s, q, m in zip(shares, quotas, most, strict=True)])
        ] += 1
    while sum(quotas) > total and quotas != least:
        quotas[
            _furthest([q - s if q > low else None for s, q, low in zip(shares, quotas, least, strict=True)])
        ] -= 1
    return quotas


def _furthest(gaps: Sequence[float | None]) -> int:
    """Return the index of the largest gap; the first one among equals."""
    return max((gap, -k) for k, gap in enumerate(gaps) if gap is not None)[1] * -1
