"""Folders of images beside folders of masks, paired by the names of the files alone.

This pairing needs no file to be readable and no pair to be complete, so it also describes data that their
source refuses.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from netwright.data.read import SUFFIXES
from netwright.data.stored import SPLITS

IMAGES = {"images", "image", "imgs", "img", "imagestr", "leftimg8bit", "inputs"}
MASKS = {
    "masks",
    "mask",
    "labels",
    "label",
    "annotations",
    "annotation",
    "annot",
    "labelstr",
    "gtfine",
    "targets",
}
CHANNEL = re.compile(r"_\d{4}$")  # nnU-Net numbers the channels of a case: case_0000, case_0001
DEPTH = 3
"""How many folders below the data are searched."""


@dataclass(frozen=True)
class Pairing:
    """The files of a folder of images and of a folder of masks.

    Args:
        images: The folder of images.
        masks: The folder of masks.
        pairs: Images and masks that belong together by their names.
        lone_images: Images without a mask.
        lone_masks: Masks without an image.
        twice: Files of one folder that have one name up to the ending or the suffix, by that name.
    """

    images: Path
    masks: Path
    pairs: tuple[tuple[Path, Path], ...]
    lone_images: tuple[Path, ...]
    lone_masks: tuple[Path, ...]
    twice: Mapping[str, tuple[Path, ...]]

    @property
    def split(self) -> str:
        """The split that the folders' names say, else train."""
        words = [
            word for path in (self.images, self.masks) for word in re.split(r"[^a-z]+", str(path).lower())
        ]
        return next((SPLITS[word] for word in reversed(words) if word in SPLITS), "train")


def pairings(root: Path) -> list[Pairing]:
    """Return the folders of images with their masks; empty where there are none, or hardly a name agrees."""
    pairs = [_paired(images, masks) for images, masks in _folders(root)]
    return [each for each in pairs if 2 * len(each.pairs) >= min(_files_in(each)) and each.pairs]


def _files_in(pairing: Pairing) -> tuple[int, int]:
    shared = len(pairing.pairs)
    return shared + len(pairing.lone_images), shared + len(pairing.lone_masks)


def _folders(root: Path) -> Iterator[tuple[Path, Path]]:
    """Yield each folder of images with the folder of masks beside it, split by split."""
    for folder, below, _ in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        below[:] = sorted(name for name in below if not name.startswith(".")) if depth < DEPTH else []
        names = {name.lower(): Path(folder) / name for name in below}
        images = [names[name] for name in sorted(IMAGES & set(names)) if _any(names[name])]
        masks = [names[name] for name in sorted(MASKS & set(names)) if _any(names[name])]
        if len(images) == len(masks) == 1:
            below.clear()
            yield from _by_split(images[0], masks[0])
        for name, path in names.items():
            if name.endswith("annot") and name[:-5] in names:
                yield names[name[:-5]], path


def _by_split(images: Path, masks: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the folders of the splits inside both folders, or both folders themselves."""
    inside = [path for path in sorted(images.iterdir()) if path.is_dir() and path.name.lower() in SPLITS]
    shared = [path for path in inside if (masks / path.name).is_dir()]
    yield from ((path, masks / path.name) for path in shared) if shared else [(images, masks)]


def _any(folder: Path) -> bool:
    return any(True for _ in _pictures(folder))


def _pictures(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.name.lower().endswith(SUFFIXES) and not path.name.startswith("."):
            yield path


def _paired(images: Path, masks: Path) -> Pairing:
    ours, theirs = _named(images), _named(masks)
    numbered = images.name.lower() == "imagestr"
    if numbered:
        ours = _merged(ours, lambda stem: CHANNEL.sub("", stem))
    ours, theirs = _without_suffix(ours, theirs)
    twice = {name: tuple(paths) for name, paths in ours.items() if len(paths) > 1 and not numbered}
    twice |= {name: tuple(paths) for name, paths in theirs.items() if len(paths) > 1}
    return Pairing(
        images,
        masks,
        tuple((ours[name][0], theirs[name][0]) for name in sorted(set(ours) & set(theirs))),
        tuple(ours[name][0] for name in sorted(set(ours) - set(theirs))),
        tuple(theirs[name][0] for name in sorted(set(theirs) - set(ours))),
        twice,
    )


def _named(folder: Path) -> dict[str, list[Path]]:
    """Return the pictures of a folder by their paths in it, without the endings."""
    named: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(_pictures(folder)):
        ending = next(
            ending for ending in sorted(SUFFIXES, key=len, reverse=True) if path.name.lower().endswith(ending)
        )
        inside = path.relative_to(folder).as_posix()
        named[inside[: -len(ending)]].append(path)
    return dict(named)


def _merged(named: Mapping[str, list[Path]], rename: Callable[[str], str]) -> dict[str, list[Path]]:
    merged: dict[str, list[Path]] = defaultdict(list)
    for name, paths in named.items():
        merged[rename(name)] += paths
    return dict(merged)


def _without_suffix(
    ours: dict[str, list[Path]], theirs: dict[str, list[Path]]
) -> tuple[dict[str, list[Path]], dict[str, list[Path]]]:
    """Return both with the suffixes removed that most names have beyond their common stem.

    So `a.jpg` belongs to `a_mask.gif`, and `x_leftImg8bit.png` to `x_gtFine_labelIds.png`.
    """
    if 2 * len(set(ours) & set(theirs)) >= min(len(ours), len(theirs)):
        return ours, theirs
    endings = Counter(_endings(ours, theirs))
    if not endings:
        return ours, theirs
    (one, two), _ = endings.most_common(1)[0]
    kept = {name: paths for name, paths in theirs.items() if name.endswith(two)}
    return _merged(ours, lambda name: name.removesuffix(one)), _merged(
        kept, lambda name: name[: len(name) - len(two)]
    )


def _endings(ours: Mapping[str, object], theirs: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield, for each mask, what its name and that of the image before it in order have beyond their stem."""
    names = sorted([(name, False) for name in ours] + [(name, True) for name in theirs])
    for (one, is_mask), (two, other_is_mask) in pairwise(names):
        if is_mask != other_is_mask:
            same = [a == b for a, b in zip(one, two, strict=False)]
            stem = one[: same.index(False) if False in same else len(same)]
            cut = len(stem) if stem in (one, two) else max(stem.rfind("_"), stem.rfind("-"), stem.rfind("."))
            if cut > 0:
                image, mask = (two, one) if is_mask else (one, two)
                yield image[cut:], mask[cut:]
