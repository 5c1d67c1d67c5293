"""`nw.evaluate`: the metrics of a run on a split, with intervals, by class, and the worst examples."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from torch import nn

from netwright.data.examples import Data
from netwright.data.metrics.confusion import Confusion
from netwright.data.metrics.details import of_class
from netwright.data.scale import Scale
from netwright.data.task import Details, Task
from netwright.errors import DataError, UsageError
from netwright.prediction.ensemble import Combine, Ensemble
from netwright.prediction.flips import Flips
from netwright.prediction.network import network
from netwright.prediction.scores import ClassScores, Confused, Scores
from netwright.prediction.worst import require_own, write
from netwright.training.baseline import Baseline
from netwright.training.bootstrap import Interval, exact, interval, spread
from netwright.training.evaluation import counted, evaluation
from netwright.training.folder import safe
from netwright.training.result import PARTS, Part, Run, Which
from netwright.training.states import Counted

FOLDER = "evaluation"
WORST = 8
"""How many of the worst examples are drawn."""


def evaluate(  # noqa: PLR0913  # what is evaluated, on what, and where to
    run: Run | Ensemble | str | Path,
    data: Data | str | None = None,
    part: Part = "test",
    *,
    others: Sequence[Run | str | Path] = (),
    combine: Combine = "mean",
    flips: bool | Sequence[int] = False,
    which: Which = "best",
    net: nn.Module | str | None = None,
    trust: bool = False,
    out: str | Path | None = None,
    worst: int = WORST,
    progress: Callable[[float], None] | None = None,
) -> Scores:
    """Evaluate a run on a split: metrics with 95 % intervals over examples, scores of classes, confusions.

    The values are those of `Run.evaluate`; where examples belong to groups, such as slices of one volume, the
    intervals are over groups, or the result says that they are too narrow.

    Args:
        run: The run, its folder, or an ensemble with runs.
        data: A name for `netwright.Data.load`, or the data; by default that of the training, by its name.
        part: The split: "train", "valid" or "test".
        others: Further runs, which are combined with it; see `netwright.Ensemble`.
        combine: How the outputs of several runs are combined: "mean", "vote" or "maximum".
        flips: Whether the output is averaged over reflections of the axes that the training flipped, or of
            which axes.
        which: The weights, "best" or "last".
        net: The network of a run of a module, as for `Run.load`.
        trust: Build the specs that the folders of runs name whatever code they run.
        out: A folder for pictures of the worst examples and for the scores as JSON; by default nothing is
            written.
        worst: How many of the worst examples are drawn there.
        progress: Called with the number of examples that were evaluated.

    Raises:
        RunError: The data has other classes, channels or axes than that of the training, or there is no run.
        DataError: The data cannot be read.
        UsageError: The split does not exist, or the folder cannot be written or holds other files.
    """
    if part not in PARTS:
        raise UsageError(f"`part` (={part}) must be one of {', '.join(PARTS)}.")
    if worst < 0:
        raise UsageError(f"`worst` (={worst}) is a number of pictures; it cannot be negative.")
    if out is not None:
        require_own(Path(out))
    known, module = network(run, others, combine, flips, which=which, net=net, trust=trust)
    loaded = data if isinstance(data, Data) else data_of(known, data)
    ready = evaluation(known, loaded, module)
    found, details = counted(ready, part, progress)
    scores = _scores(known, loaded, part, ready.task, found, details)
    scores = replace(scores, name=_name(known, module), epoch=_epoch(known, module, which))
    if out is None:
        return scores
    low, high = known.data["range"]
    units = replace(loaded, mean=tuple(known.data["mean"]), std=tuple(known.data["std"]), range=(low, high))
    return write(scores, found, ready, units, Path(out), worst)


def folder_of(run: Run, data: str, part: str, more: Sequence[str] = ()) -> Path:
    """Return where the command writes: in the folder of the run, `evaluation/DATA-SPLIT`.

    `more` tells evaluations of one split apart, such as that of an ensemble.
    """
    return run.folder / FOLDER / safe([Path(data).name, part, *more])


def data_of(run: Run, data: str | None, load: Callable[..., Data] = Data.load) -> Data:
    """Return the data of that name, by default that of the training, read as it was read there.

    Raises:
        DataError: There is no data of that name.
    """
    if data is not None:
        return load(data)
    try:
        return load(run.data["name"], **run.data.get("options", {}))
    except DataError as error:
        raise DataError(
            f"the data of the training, `{run.data['name']}`, cannot be loaded ({error}); name it by `data`."
        ) from error


def _scores(run: Run, data: Data, part: str, task: Task, found: Counted, details: Details) -> Scores:
    measures = task.metrics()
    metrics = {name: interval(found, name, measure) for name, measure in measures.items()}
    every = spread(found, [name for name in found.metrics if name not in measures], details.compute)
    confusion = next((each for each in details.metrics.values() if isinstance(each, Confusion)), None)
    table = confusion.matrix.tolist() if confusion else []
    whole, classes = _sorted(every, data.classes, [sum(row) for row in table], run.measures)
    return Scores(
        name="",
        run=run.folder,
        epoch=None,
        data=data.name,
        digest=data.digest,
        part=part,
        examples=found.examples,
        monitor=task.monitor,
        loss=found.loss,
        metrics=metrics,
        scales=run.measures,
        baseline=Baseline.of(task, replace(data, test=getattr(data, part))),
        over=next((each.over for each in metrics.values()), ""),
        details={name: value for name, value in whole.items() if name not in metrics},
        classes=classes,
        unit="positions" if any(kind.dense for kind in task.needs.values()) else "examples",
        confusions=_confused(data.classes, table),
        notes=_notes(run, data, part),
    )


def _sorted(
    every: Mapping[str, Interval], names: Sequence[str], counts: Sequence[int], scales: Mapping[str, Scale]
) -> tuple[dict[str, Interval], list[ClassScores]]:
    """Return the details of the whole split, and those of each class that was counted."""
    whole, of = dict[str, Interval](), {label: dict[str, Interval]() for label in names}
    for name, value in every.items():
        kind, label = of_class(name, names)
        (whole if label is None else of[label])[kind] = value
    classes = []
    for label, count in zip(names, counts, strict=False):
        scores = {kind: exact(each, scales.get(kind, Scale()), count) for kind, each in of[label].items()}
        classes.append(ClassScores(label, count, scores))
    return whole, classes


def _confused(names: Sequence[str], table: Sequence[Sequence[int]]) -> list[Confused]:
    """Return the cells off the diagonal of a confusion matrix, the largest first."""
    cells = [
        Confused(names[true], names[predicted], count, sum(row))
        for true, row in enumerate(table)
        for predicted, count in enumerate(row)
        if count and true != predicted
    ]
    return sorted(cells, key=lambda cell: -cell.count)


def _notes(run: Run, data: Data, part: str) -> list[str]:
    """Return what a reader must know of the numbers."""
    name = run.data["name"]
    if data.digest != run.data["digest"]:
        if data.name == name:
            return [
                f"the content of {data.name} is not that of the training: files changed, or it was read with "
                "other options (--limit, --size, ...); its splits may hold examples that were trained on"
            ]
        return [f"the run was trained on {name}, not on this data"]
    if part == "train":
        return ["the network was trained on this split"]
    return ["the best epoch was chosen on this split, so its scores are a little too good"] * (
        part == "valid"
    )


def _name(run: Run, module: nn.Module) -> str:
    """Return what is evaluated."""
    inner = module.net if isinstance(module, Flips) else module
    if isinstance(inner, Ensemble):
        flips = " over reflections" if isinstance(inner.members[0], Flips) else ""
        return f"the {inner.combine} of {len(inner.members)} networks{flips}"
    name = run.spec or type(inner).__name__
    return f"the mean of {name} over reflections" if isinstance(module, Flips) else name


def _epoch(run: Run, module: nn.Module, which: Which) -> int | None:
    """Return the epoch of the weights; None for several runs."""
    row = run.best if which == "best" else run.final
    return row["epoch"] if row and not isinstance(module, Ensemble) else None
