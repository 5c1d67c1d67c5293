"""Images and masks paired by the names of their files alone.

This pairing needs no file to be readable and no pair to be complete, so it also describes data that their
source refuses.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from netwright.data.sources.pairs import File, files, matches


@dataclass(frozen=True)
class Pairing:
    """The files of one split.

    Args:
        split: The name of the split.
        pairs: Images and masks that belong together by their names.
        lone_images: Images without a mask.
        lone_masks: Masks without an image.
        twice: Files that belong to one example, two images or two masks, by the name of the example.
    """

    split: str
    pairs: tuple[tuple[Path, Path], ...]
    lone_images: tuple[Path, ...]
    lone_masks: tuple[Path, ...]
    twice: Mapping[str, tuple[Path, ...]]


def pairings(root: Path) -> list[Pairing]:
    """Return the pairs of each split that has masks; empty where the names tell no masks, or hardly agree."""
    if not root.is_dir() or matches(root):
        return []
    known = files(root)
    return [
        _paired(split or "train", [file for file in known if file.split == split])
        for split in sorted({file.split for file in known if file.mask})
    ]


def _paired(split: str, members: Sequence[File]) -> Pairing:
    sides: dict[bool, dict[str, list[Path]]] = {False: defaultdict(list), True: defaultdict(list)}
    for file in members:
        sides[file.mask][file.key].append(file.path)
    images, masks = sides[False], sides[True]
    return Pairing(
        split,
        tuple((images[key][0], masks[key][0]) for key in images if key in masks),
        tuple(paths[0] for key, paths in images.items() if key not in masks),
        tuple(paths[0] for key, paths in masks.items() if key not in images),
        {key: tuple(paths) for side in (images, masks) for key, paths in side.items() if len(paths) > 1},
    )
