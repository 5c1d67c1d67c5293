"""Values of a mask were blended along its edges.

What. Several values that occur only along the edges of regions, never inside one: what bilinear resizing,
anti-aliased drawing or JPEG leave of a mask of few values.

Why. A mask names classes, and the mean of two class numbers is not a class between them: at an edge between
class 0 and class 4, blending writes class 2. Resizing with the default of an image library is bilinear
(albumentations issue 175, torchvision issue 8571), and JPEG writes values such as 3 and 251 beside 0 and
255.

Guard. The values must be three or more, more than the values that fill regions, and at least nine tenths of
their positions must have another value beside them. A class of thin lines is one value, so it is let
through.

Instead.

    mask = mask.resize(size, Image.Resampling.NEAREST)  # and save it as PNG
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Place, Remark
from netwright.lint.rule import Rule
from netwright.lint.survey.words import count, listed

if TYPE_CHECKING:
    from netwright.lint.survey.maps import Values
    from netwright.lint.survey.survey import Survey

FEWEST = 3
"""The fewest values along edges that are reported."""
INSIDE = 0.1
"""A value of which less than this share of the positions lies inside a region occurs only along edges."""
LOSSY = (".jpg", ".jpeg", ".webp")


def look(survey: "Survey") -> Iterator[Remark]:
    """Report the masks whose values were blended along edges."""
    blended = _blended(survey.mask_values)
    solid = set(survey.mask_values.counts) - blended
    if len(blended) < FEWEST or len(blended) <= len(solid) or len(solid) < 2:
        return
    holding = survey.holding(blended)
    files = [part.origin.file(k, mask=True) for part, k in holding]
    share = sum(survey.mask_values.share(value) for value in blended)
    lossy = files[0].lower().endswith(LOSSY)
    names = listed(part.origin.place(k, mask=True) for part, k in holding)
    cause = "a lossy format" if lossy else "bilinear resizing or anti-aliasing"
    yield Remark(
        Place(files[0]),
        f"{count(len(holding), 'mask', 'hold')} {len(blended)} values that occur only along edges, on "
        f"{share:.2%} of the positions, besides {_some(solid)}; {cause} does that: {names}.",
        evidence={"values": sorted(blended)[:50], "share": share, "regions": sorted(solid), "files": files},
        fix=Fix("resize masks to the nearest value, and save them in a lossless format such as PNG"),
    )


def _blended(values: "Values") -> set[int]:
    """Return the values that occur only along edges."""
    return {
        value
        for value, number in values.counts.items()
        if values.inner.get(value, 0) < INSIDE * number and values.share(value) < INSIDE
    }


def _some(values: set[int]) -> str:
    shown = [str(value) for value in sorted(values)[:5]]
    return ", ".join(shown) + (", ..." if len(values) > 5 else "")


RULE = Rule("error", "manual", data=look)
