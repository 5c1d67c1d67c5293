"""What a study asks about: its data and its task, as plain data that `study.json` keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field
from typing_extensions import TypedDict

from netwright.data.examples import Data
from netwright.data.scale import Line, Scale
from netwright.data.task import Task
from netwright.study.trial import Count
from netwright.training.baseline import Baseline
from netwright.training.job import scales


class DataFacts(TypedDict):
    """What a study says about its data; `train`, `valid` and `test` count examples."""

    name: Line
    layout: Line
    digest: Line
    input: list[Count]
    classes: Count
    train: Count
    valid: Count
    test: Annotated[Count, Field(gt=0)]


def data_facts(data: Data) -> DataFacts:
    """Return what a study says about `data`."""
    return {
        "name": data.name,
        "layout": data.layout,
        "digest": data.digest,
        "input": list(data.input),
        "classes": len(data.classes),
        "train": len(data.train),
        "valid": len(data.valid),
        "test": len(data.test),
    }


@dataclass(frozen=True)
class TaskFacts:
    """What the designs are for, and how they are judged.

    The settings of the task, which recipes may change, are those of each run. `measures` says how each metric
    is written, the loss among them; `monitor` is the metric that designs are judged by. `baseline` is the
    trivial answer.
    """

    name: Line
    monitor: Line
    measures: Mapping[Line, Scale]
    baseline: Baseline

    def __post_init__(self) -> None:
        if self.monitor not in self.measures:
            raise ValueError(f"the monitored metric {self.monitor} is not among {', '.join(self.measures)}")

    @classmethod
    def of(cls, task: Task, data: Data) -> Self:
        """Return what a study says about its task."""
        return cls(task.name, task.monitor, scales(task), Baseline.of(task, data))

    @property
    def scale(self) -> Scale:
        """How the monitored metric is written."""
        return self.measures[self.monitor]

    @property
    def others(self) -> dict[str, Scale]:
        """The metrics beside the monitored one, without the loss."""
        return {name: scale for name, scale in self.measures.items() if name not in ("loss", self.monitor)}
