"""An image has no mask, or a mask has no image.

What. Files of a folder of images and of the folder of masks beside it whose names do not agree: an image
without a mask, a mask without an image, and names that occur twice with different endings.

Why. Programs that sort both folders and pair them by position give every image after the gap the mask of
another one, and train on that. Those that pair by name stop with an assertion that names one file
(Pytorch-UNet, issues 102, 143 and 312). Netwright refuses such a folder, and this rule lists all files of
it at once.

Guard. Folders are compared only if at least half of the names agree. A suffix that most masks have, such as
`_mask`, is not part of the name.

Instead.

    ls images masks  # the same names in both
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Place, Remark
from netwright.lint.rule import Rule
from netwright.lint.survey.words import count, listed

if TYPE_CHECKING:
    from netwright.lint.survey.survey import Survey


def look(survey: "Survey") -> Iterator[Remark]:
    """Report the files whose names have no counterpart."""
    for pairing in survey.pairings:
        for files, noun, missing in (
            (pairing.lone_images, "image", "mask"),
            (pairing.lone_masks, "mask", "image"),
        ):
            if files:
                words = f"{count(len(files), noun, 'have')} no {missing}"
                yield _remark(survey, files, words, f"add the missing {missing}, or remove the {noun}")
        for name, files in pairing.twice.items():
            words = f"{len(files)} files belong to one example, `{name}`"
            yield _remark(survey, files, words, "keep one of the files")


def _remark(survey: "Survey", files: Sequence[Path], words: str, advice: str) -> Remark:
    from netwright.lint.survey.origin import relative

    return Remark(
        Place(relative(str(files[0]))),
        f"{words}: {listed(f'`{_short(file, survey)}`' for file in files)}.",
        evidence={"files": [relative(str(file)) for file in files]},
        fix=Fix(advice),
    )


def _short(path: Path, survey: "Survey") -> str:
    from netwright.lint.survey.origin import within

    return within(str(path), survey.root)


RULE = Rule("error", "manual", data=look)
