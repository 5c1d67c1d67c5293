"""Which augmentation `augment="auto"` stands for. Needs no torch."""

from collections.abc import Set
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from netwright.data.kinds import Kind

UPRIGHT = ("digit", "mnist", "svhn")  # a mirrored 2 is not a 2
SIDES = ("left", "right")


class Described(Protocol):
    """What the choice needs to know of data: `nw.Data`, or the survey of files that are not yet loaded."""

    @property
    def name(self) -> str:
        """The name."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes."""

    @property
    def kinds(self) -> "Set[Kind]":
        """The kinds of targets."""


def natural(data: Described, input: tuple[int, ...]) -> tuple[str, ...]:
    """Return the augmentation of data whose inputs, or windows of them, have this shape.

    Where examples have a class, crop pads by an eighth of the side (1 pixel at 8, 4 at 32), and flip is for
    colour images of data whose name does not mention digits: grey images are mostly digits, letters and
    scans, which a mirror turns into something else.

    Where targets move with the image, colour images are flipped left to right, and all others along every
    axis, as nnU-Net does (Isensee et al. 2021). Nothing is flipped if a class is named left or right, or if
    there are points, which may have sides.
    """
    channels, *sides = input
    photograph = (channels, len(sides)) == (3, 2)
    if not any(kind.spatial for kind in data.kinds):
        upright = any(word in data.name.lower() for word in UPRIGHT)
        crop = f"crop(padding={max(1, min(sides) // 8)})"
        return (crop, "flip") if channels == 3 and not upright else (crop,)
    if {"points", "series"} & data.kinds or any(
        side in name.lower() for name in data.classes for side in SIDES
    ):
        return ()
    return ("flip",) if photograph else (f"flip(axes={tuple(range(len(sides)))})",)
