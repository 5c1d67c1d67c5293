"""Scores that a reader wants at the end: by class, and for maps those of outlines and of regions."""

from collections.abc import Mapping, Sequence
from math import isnan

from torchmetrics import Metric

from netwright.data.metrics.boundary import BoundaryF
from netwright.data.metrics.confusion import Confusion, dice, iou, pixel_error
from netwright.data.metrics.regions import Regions


class ClassDetails:
    """The error of each class: the share of its examples that were given to another class."""

    tunable = False

    def __init__(self, classes: Sequence[str]):
        self.classes = tuple(classes)
        self.confusion = Confusion(len(self.classes), lambda matrix: matrix)

    @property
    def metrics(self) -> Mapping[str, Metric]:
        """The confusion matrix."""
        return {"confusion": self.confusion}

    def compute(self) -> dict[str, float]:
        """Return the error of each class that has examples."""
        matrix = self.confusion.compute()
        return _named("error", self.classes, (1 - matrix.diag().double() / matrix.sum(1)).tolist())

    def tuned(self) -> "ClassDetails":
        """Return new details; nothing is chosen."""
        return ClassDetails(self.classes)


class MapDetails:
    """Dice, IoU and boundary F of each class that occurs; of two classes also the scores of regions.

    V_rand and V_info are those of the regions of the second class, at the threshold that is best on the
    split; `tuned` keeps that threshold, so that the one of a test split is chosen on the validation split.
    Signals have no regions.
    """

    def __init__(self, classes: Sequence[str], regions: Regions | None = None):
        self.classes = tuple(classes)
        self.confusion = Confusion(len(self.classes), lambda matrix: matrix)
        self.boundary = BoundaryF(len(self.classes))
        self.tunable = len(self.classes) == 2
        self.regions = regions or Regions()

    @property
    def metrics(self) -> Mapping[str, Metric]:
        """The confusion matrix, the outlines, and the regions where there are two classes."""
        own = {"confusion": self.confusion, "boundary": self.boundary}
        return own | ({"regions": self.regions} if self.tunable else {})

    def compute(self) -> dict[str, float]:
        """Return the scores by name; what does not occur is left out."""
        matrix = self.confusion.compute()
        scores = {"pixel_error": pixel_error(matrix).item()}
        rows = {"dice": dice(matrix), "iou": iou(matrix), "boundary_f": self.boundary.compute()}
        for name, values in rows.items():
            scores[name] = values.nanmean().nan_to_num().item()
            scores |= _named(name, self.classes, values.tolist())
        if self.tunable and self.regions.slices:
            table = self.regions.compute()
            best = int(table[:, 0].argmax())
            scores |= dict(zip(("v_rand", "v_info"), table[best].tolist(), strict=True))
            scores["threshold"] = self.regions.thresholds[best]
        return scores

    def tuned(self) -> "MapDetails":
        """Return new, empty details with the threshold that is best here."""
        return MapDetails(self.classes, self.regions.best() if self.tunable else None)


def _named(name: str, classes: Sequence[str], values: Sequence[float]) -> dict[str, float]:
    """Return the value of each class by a name of its own, without those that have none."""
    return {
        f"{name} of {label}": value for label, value in zip(classes, values, strict=True) if not isnan(value)
    }


def of_class(name: str, classes: Sequence[str]) -> tuple[str, str | None]:
    """Return what a score of details is, and of which class; None where it is not of one.

    >>> of_class("dice of cell", ["cell", "wall of cell"]), of_class("v_rand", ["rand"])
    (('dice', 'cell'), ('v_rand', None))
    """
    fitting = [label for label in classes if name.endswith(f" of {label}")]
    label = max(fitting, key=len, default=None)
    return (name, None) if label is None else (name.removesuffix(f" of {label}"), label)
