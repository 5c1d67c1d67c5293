"""Splits of images with maps: what belongs together stays together, and slices are cut into blocks.

Neighbouring slices of a volume and frames of a video are almost the same image, so a random split would test
on what was trained on. A fifth of the examples goes to the test and an eighth to the validation. Where there
are enough groups (volumes, videos, patients), whole groups are drawn for each split; otherwise each group is
cut into consecutive blocks: training first, then validation, then test. Of 30 slices that are 0-19, 20-23 and
24-29.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from netwright.data.kinds import Kind
from netwright.data.read import read
from netwright.data.split import SEED
from netwright.data.stored import Content, Slices, StoredSplit
from netwright.errors import DataError, UnreadableError

SHARES = {"test": 1 / 5, "valid": 1 / 8}
PICTURE = 3  # axes of an image: channel, row and column


def complete(given: Mapping[str, StoredSplit], name: str) -> dict[str, StoredSplit]:
    """Return train, valid and test; a missing one is held out of train.

    Raises:
        DataError: There are too few examples to hold any out.
    """
    missing = [split for split in SHARES if split not in given]
    if not missing:
        return dict(given)
    train = given["train"]
    groups = list(train.groups or map(str, range(len(train))))
    totals = {split: max(1, round(len(train) * SHARES[split])) for split in missing}
    chosen = (_whole if len(set(groups)) > len(missing) else _blocks)(groups, totals)
    taken = {k for indices in chosen.values() for k in indices}
    left = [k for k in range(len(train)) if k not in taken]
    if not left or not all(chosen.values()):
        raise DataError(
            f"`{name}` has {len(train)} training examples, too few to hold {' and '.join(missing)} out; add "
            "the splits, or more examples."
        )
    held_out = {split: train.part(sorted(indices)) for split, indices in chosen.items()}
    return {**given, **held_out, "train": train.part(left)}


def reduce(splits: Mapping[str, StoredSplit], limit: int) -> dict[str, StoredSplit]:
    """Return `limit` training examples, evenly spaced; the other splits shrink in proportion."""
    share = min(1.0, limit / len(splits["train"]))
    parts = {}
    for name, split in splits.items():
        count = limit if name == "train" else max(1, round(len(split) * share))
        count = min(count, len(split))
        parts[name] = split.part([k * len(split) // count for k in range(count)])
    return parts


def as_volumes(split: StoredSplit) -> StoredSplit:
    """Return the runs of images of one group as volumes, each with its masks; volumes stay as they are."""
    groups = list(split.groups or map(str, range(len(split))))
    starts = [0, *(k + 1 for k, (one, other) in enumerate(pairwise(groups)) if one != other), len(groups)]
    runs = [run for start, stop in pairwise(starts) for run in _run(split.images, start, stop)]

    def stack(contents: Sequence[Content]) -> list[Content]:
        return [
            Slices(tuple(contents[k] for k in run)) if isinstance(run, range) else contents[run]
            for run in runs
        ]

    def place(k: int) -> str:
        run = runs[k]
        if not isinstance(run, range):
            return split.place(run)
        return f"the volume from {split.place(run[0])} to {split.place(run[-1])}"

    firsts = [run[0] if isinstance(run, range) else run for run in runs]
    masks = stack(split.targets[Kind.MASK])
    return StoredSplit(stack(split.images), {Kind.MASK: masks}, place, [groups[first] for first in firsts])


def _run(images: Sequence[Content], start: int, stop: int) -> Sequence[range | int]:
    """Return the range of images that make one volume, or the index of each that is one already."""
    try:
        volumes = read(images[start]).values.ndim > PICTURE
    except UnreadableError:
        volumes = False  # decoding refuses it, or leaves it out on request
    return range(start, stop) if volumes else [range(start, stop)]


def _whole(groups: Sequence[str], totals: Mapping[str, int]) -> dict[str, list[int]]:
    """Return the indices of whole groups for each split, as near to its total as the groups allow."""
    members: dict[str, list[int]] = {}
    for k, group in enumerate(groups):
        members.setdefault(group, []).append(k)
    # numpy promises not to change the stream of RandomState, so a split is the same in every version.
    order = [list(members)[k] for k in np.random.RandomState(SEED).permutation(len(members))]
    chosen: dict[str, list[int]] = {}
    for number, (split, total) in enumerate(totals.items()):
        spare = len(order) - (len(totals) - number)  # what the later splits and the training need at least
        indices: list[int] = []
        for group in list(order):
            if spare > 0 and abs(len(indices) + len(members[group]) - total) < abs(len(indices) - total):
                indices += members[group]
                order.remove(group)
                spare -= 1
        if not indices:
            smallest = min(order, key=lambda group: len(members[group]))
            indices = members[smallest]
            order.remove(smallest)
        chosen[split] = indices
    return chosen


def _blocks(groups: Sequence[str], totals: Mapping[str, int]) -> dict[str, list[int]]:
    """Return the last positions of each group for the test, and those before them for the validation."""
    chosen: dict[str, list[int]] = {split: [] for split in totals}
    for group in dict.fromkeys(groups):
        members = [k for k, one in enumerate(groups) if one == group]
        if len(members) <= len(totals):
            continue  # too few to be cut
        size = len(members)
        for split in totals:
            count = max(1, round(size * SHARES[split]))
            members, chosen[split] = members[:-count], chosen[split] + members[-count:]
    return chosen
