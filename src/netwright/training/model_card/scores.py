"""The scores of a trained network on the test split, with intervals, for its model card."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from torchmetrics import Metric

from netwright.data.metrics.confusion import Confusion
from netwright.data.metrics.details import of_class
from netwright.training.bootstrap import Interval, interval, spread
from netwright.training.loop import Evaluation
from netwright.training.model_card.facts import Facts
from netwright.training.states import Numbers, count, fill, tensors, unsynced

MOST = 200
"""Of more classes than these the scores of each are left out: their confusion matrices are large."""


def scores(evaluation: Evaluation, labels: Sequence[str]) -> Facts:
    """Return the metrics of the task and the scores of each class on the test split, evaluated once.

    Of the details of the task, those are taken that follow from the confusion matrix; outlines and regions
    cost too much after every training (see `Run.details`).

    Args:
        evaluation: The network with the weights that are kept, and the loader.
        labels: The names of the classes.
    """
    measures, details = evaluation.task.metrics(), evaluation.task.details()
    matrices = {
        f"details: {name}": metric
        for name, metric in details.metrics.items()
        if isinstance(metric, Confusion) and len(labels) <= MOST
    }
    metrics = {name: measure.metric for name, measure in measures.items()}
    counted = count(evaluation, "test", metrics | matrices)
    known = {name: interval(counted, name, measure) for name, measure in measures.items()}
    for metric in details.metrics.values():
        fill(unsynced(metric), _flat(metric))  # those that were not counted hold nothing
    own = replace(counted, metrics=matrices)  # the resamples go into the metrics that the details read
    own.whole(matrices)
    scored = spread(own, list(matrices), details.compute) if matrices else {}
    return Facts(metrics=known, classes=by_class(scored, labels))


def _flat(metric: Metric) -> Numbers:
    """Return the states of a metric as `fill` takes them."""
    return np.concatenate([value.numpy().ravel() for value in tensors(metric).values()])


def by_class(
    scored: Mapping[str, Interval], labels: Sequence[str]
) -> Mapping[str, Sequence[Interval | None]]:
    """Return the scores of each class by the name of the score; None for a class that has none.

    >>> from netwright.training.bootstrap import Interval
    >>> score = Interval(0.5, None, None, "")
    >>> by_class({"dice": score, "dice of cell": score}, ["membrane", "cell"])["dice"][0] is None
    True
    """
    places = {label: number for number, label in enumerate(labels)}
    table: dict[str, list[Interval | None]] = {}
    for name, score in scored.items():
        kind, label = of_class(name, labels)
        if label is not None:
            table.setdefault(kind, [None] * len(labels))[places[label]] = score
    return table
