"""An image and its mask do not cover the same positions.

What. An image and a mask that differ in size, in the distance between neighbouring positions, or in the
affine matrix of their files; an image that its EXIF tag turns while the mask is not turned.

Why. A mask of another size stops the training, and one that was resized to fit is no longer where it
belongs. Different affine matrices mean that a voxel of the mask is not the voxel of the image with the same
index: nnU-Net refuses such pairs (issues 622 and 1267). Cameras store a photograph on its side with an EXIF
tag; tools that ignore the tag draw the mask on the picture as it lies (labelImg, issue 198).

Guard. Spacings may differ by one percent and affine matrices by a hundredth of the spacing, which is how
far rounding in headers goes. A file that says nothing about spacing is not compared.

Instead.

    image = ImageOps.exif_transpose(Image.open(path))  # before the mask is drawn
"""

from collections import defaultdict
from collections.abc import Iterator
from math import isclose
from typing import TYPE_CHECKING

from netwright.arithmetic.shape import show
from netwright.lint.finding import Fix, Place, Remark
from netwright.lint.rule import Rule
from netwright.lint.survey.words import listed

if TYPE_CHECKING:
    from netwright.lint.survey.part import Example, Part
    from netwright.lint.survey.survey import Survey

TOLERANCE = 0.01
ADVICE = {
    "size": "export image and mask at one size",
    "exif": "write the image upright, without the EXIF tag, and draw the mask on that",
    "spacing": "resample the mask to the grid of its image",
    "affine": "resample the mask to the grid of its image",
}


def look(survey: "Survey") -> Iterator[Remark]:
    """Report the pairs that do not cover the same positions, by the kind of difference."""
    for part in survey.parts.values():
        kinds: dict[str, dict[int, str]] = defaultdict(dict)
        for k, example in enumerate(part.examples):
            if example.shape and example.mask is not None and (difference := _difference(example)):
                kinds[difference[0]][k] = difference[1]
        for kind, differences in kinds.items():
            yield _remark(part, kind, differences)


def _difference(example: "Example") -> tuple[str, str] | None:
    """Return the kind of difference and its words; None if image and mask agree."""
    assert example.mask is not None
    image, mask = example.header, example.mask_header
    size, other = example.shape[1:], example.mask.space
    turned = image.orientation != mask.orientation
    if size != other:
        words = f"the image is {show(size)} and the mask {show(other)}"
        if turned and size == other[::-1]:
            return "exif", f"{words}: the EXIF tag of the image turns it (orientation {image.orientation})"
        return "size", words
    if turned:
        return "exif", (
            f"the EXIF tag of the image turns it (orientation {image.orientation}), "
            f"that of the mask does not (orientation {mask.orientation})"
        )
    if _apart(image.spacing, mask.spacing):
        return "spacing", f"the spacing is {_numbers(image.spacing)} and {_numbers(mask.spacing)}"
    if image.affine is not None and mask.affine is not None:
        step = min(image.spacing or (1.0,)) * TOLERANCE
        gap = float(abs(image.affine - mask.affine).max())
        if gap > step:
            return "affine", f"the affine matrices differ by up to {gap:.3g}"
    return None


def _apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    if not one or not other:
        return False
    if len(one) != len(other):
        return True
    return not all(isclose(a, b, rel_tol=TOLERANCE) for a, b in zip(one, other, strict=True))


def _numbers(values: tuple[float, ...]) -> str:
    return " x ".join(f"{value:.4g}" for value in values)


def _remark(part: "Part", kind: str, differences: dict[int, str]) -> Remark:
    first = next(iter(differences))
    files = {part.origin.file(k): words for k, words in differences.items()}
    names = listed(part.origin.place(k) for k in differences)
    if len(differences) == 1:
        message = f"{names} does not fit its mask: {differences[first]}."
    else:
        message = (
            f"{len(differences)} images of {part.name} do not fit their masks: {names}; of the first, "
            f"{differences[first]}."
        )
    return Remark(
        Place(part.origin.file(first)),
        message,
        evidence={"difference": kind, "files": files},
        fix=Fix(ADVICE[kind]),
    )


RULE = Rule("error", "manual", data=look)
