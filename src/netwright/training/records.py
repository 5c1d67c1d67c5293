"""The content of `run.json` and of `metrics.jsonl`, as far as it is read: pydantic checks it."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from netwright.data.scale import Line

OPEN = ConfigDict(extra="allow")  # further keys are kept


class OptionsRecord(TypedDict, total=False):
    """What `run.json` records of the options with which the data was loaded: those that were given."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]  # pydantic's way to configure a dict

    layout: str
    task: str
    classes: list[str]
    ignore: list[int]
    group: str
    dims: int
    limit: int
    size: int
    skip_bad: bool
    max_pixels: int


class DataRecord(TypedDict):
    """What `run.json` records of the data."""

    __pydantic_config__ = OPEN  # type: ignore[misc]  # pydantic's way to configure a dict

    name: str
    digest: str
    input: list[int]
    classes: list[str]
    mean: list[float]
    std: list[float]
    range: list[float]
    values: list[int]
    ignore: list[int]
    kinds: list[str]
    size: NotRequired[Annotated[int, Field(gt=0)] | None]
    options: NotRequired[OptionsRecord]


class TaskRecord(TypedDict):
    """What `run.json` records of the task: what makes it again, and how many outputs its network has."""

    name: str
    settings: dict[str, Any]
    outputs: int


class ScaleRecord(TypedDict):
    """What `run.json` records of a metric, which is a `Scale`."""

    unit: Line
    factor: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    lower_is_better: bool
    counted: bool
    label: Line


class BaselineRecord(TypedDict):
    """What `run.json` records of the trivial answer, which is a `Baseline`."""

    answer: Line
    values: dict[str, float | None]


class About(TypedDict):
    """The content of `run.json`, as far as it is read."""

    __pydantic_config__ = OPEN  # type: ignore[misc]

    format: Literal[3]
    id: str
    state: Literal["running", "finished", "diverged"]
    spec: str | None
    layout: str
    params: int
    data: DataRecord
    task: TaskRecord
    monitor: str
    measures: dict[str, ScaleRecord]
    baseline: BaselineRecord
    recipe: dict[str, Any]
    resolved: dict[str, Any]
    versions: NotRequired[dict[Line, Line]]
    machine: NotRequired[dict[Line, Line | int]]


class MetricsRow(TypedDict):
    """A line of `metrics.jsonl`, as far as it is read."""

    __pydantic_config__ = OPEN  # type: ignore[misc]

    epoch: int
    step: int
    seconds: float
    train: dict[str, float]
    valid: dict[str, float]
    test: dict[str, float]
