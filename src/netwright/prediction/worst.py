"""The worst examples of a split, drawn: one sheet, single pictures, and a list of them as JSON.

worst.png               the sheet
worst-N-example-K.png   one for each, the worst first
scores.json             the whole result of the evaluation, with the list
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from math import isnan, nan
from pathlib import Path

from torch import Tensor

from netwright import durable
from netwright.data.examples import Data
from netwright.data.kinds import Kind, Targets
from netwright.data.read import SUFFIXES, suffix
from netwright.data.scale import Scale
from netwright.errors import UsageError
from netwright.prediction.scores import Scores, Worst
from netwright.prediction.sheet import captioned, png, sheet
from netwright.training.drawing import Drawing
from netwright.training.loop import Evaluation
from netwright.training.states import Counted

SHEET, SCORES = "worst.png", "scores.json"
PICTURES = "worst-*-example-*.png"
PANELS = "prediction, truth, what is wrong"
"""What segmentation draws of an example, from left to right."""


def ranked(counted: Counted, monitor: str, scale: Scale) -> list[tuple[int, float]]:
    """Return the examples of a split and the monitored metric of each, the worst first.

    Of equal ones the one with the higher loss is worse. Examples for which the metric has no value are left
    out. A metric whose states are not sums over examples has no value for any: the loss takes its place.
    """
    if monitor not in counted.states:
        monitor, scale = "loss", Scale()
    values = (counted.each(monitor) if monitor in counted.states else counted.losses).tolist()
    known = [(number, value) for number, value in enumerate(values) if not isnan(value)]
    return sorted(known, key=lambda each: (scale.order(each[1]), counted.losses[each[0]]), reverse=True)


def require_own(folder: Path) -> None:
    """Refuse a folder of other pictures, because a data set would count those of an evaluation among its own.

    Raises:
        UsageError: It is one.
    """
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    pictures = [each for each in entries if suffix(each) in SUFFIXES]
    foreign = [each.name for each in pictures if each.name != SHEET and not each.match(PICTURES)]
    if foreign:
        raise UsageError(f"`{folder}` holds other pictures, such as `{foreign[0]}`; give another folder.")


def write(
    scores: Scores, counted: Counted, evaluation: Evaluation, data: Data, folder: Path, count: int
) -> Scores:
    """Draw the worst examples into a folder and write the scores beside them; return the scores with both.

    Args:
        scores: The result without pictures.
        counted: The metrics by example.
        evaluation: The network and the loader.
        data: The data, normalised as in the training.
        folder: The folder, which is made; pictures of an earlier evaluation in it are replaced.
        count: How many examples.

    Raises:
        UsageError: The folder cannot be written.
    """
    scale = scores.scales[scores.monitor]
    chosen = ranked(counted, scores.monitor, scale)[:count]
    drawing, places = Drawing(evaluation, data, scores.part), getattr(data, scores.part).places
    pictures, listed = [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for earlier in [*folder.glob(PICTURES), folder / SHEET]:
            earlier.unlink(missing_ok=True)
        for rank, (number, value) in enumerate(chosen, 1):
            drawn = drawing(number)
            worst = Worst(
                file=f"worst-{rank}-example-{number}.png",
                example=number,
                source=places[number].replace("`", "") if places else "",
                value=value if scores.monitor in counted.states else nan,
                loss=float(counted.losses[number]),
                true=_class(drawn.true, data),
                predicted=_class(drawn.predicted, data),
                part=drawn.part,
            )
            lines = caption(worst, scale, PANELS if Kind.MASK in drawn.true else "")
            durable.replace(folder / worst.file, png(captioned(drawn.picture, lines)))
            pictures.append((drawn.picture, lines))
            listed.append(worst)
        if pictures:
            durable.replace(folder / SHEET, png(sheet(pictures)))
        done = replace(scores, worst=listed, folder=folder)
        durable.replace(folder / SCORES, (json.dumps(done.to_json(), indent=2) + "\n").encode())
    except OSError as error:
        raise UsageError(
            f"`{folder}` cannot be written: {error.strerror}; name another folder by `out`."
        ) from error
    return done


def caption(worst: Worst, scale: Scale, panels: str = "") -> Sequence[str]:
    """Return what is written below a picture, with what its panels show.

    >>> caption(Worst("", 7, "image 3 of digits", 1.0, 2.5, "3", "5"), Scale(label="error"))
    ['example 7, image 3 of digits', '3 taken for 5', 'loss 2.50']
    """
    source = Path(worst.source).name if "/" in worst.source else worst.source
    first = f"{'part of ' if worst.part else ''}example {worst.example}" + (f", {source}" if source else "")
    loss = f"loss {Scale().number(worst.loss)}"
    if worst.true is None:
        score = loss if isnan(worst.value) else f"{scale.label} {scale.text(worst.value)}"
        return [first, score, *([panels] if panels else [])]
    right = worst.true == worst.predicted
    return [
        first,
        f"{worst.true}, recognised" if right else f"{worst.true} taken for {worst.predicted}",
        loss,
    ]


def _class(targets: Targets, data: Data) -> str | None:
    """Return the name of the class of an example; None where its target is something else."""
    index = targets.get(Kind.CLASS)
    return data.classes[int(index)] if isinstance(index, Tensor) else None
