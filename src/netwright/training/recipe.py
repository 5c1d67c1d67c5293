"""How to train: one frozen table of options, its presets, and reading it from a file. Needs no torch."""

import json
import tomllib
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from netwright.arithmetic.shape import parse
from netwright.errors import RecipeError
from netwright.training.augmentation import natural
from netwright.training.optimizer import OPTIMIZERS, chosen
from netwright.training.presets import PLAIN, PRESETS
from netwright.training.schedule import SCHEDULES

if TYPE_CHECKING:
    from netwright.data.examples import Data

EPOCHS = 15
SMALL, SMALL_BATCH, BATCH = 10_000, 64, 128
PYTHON = "python:"  # marks the name of an object that was given from Python

Precision = Literal["auto", "32-true", "64-true", "16-mixed", "bf16-mixed", "16-true", "bf16-true"]


def recorded(value: str | Callable[..., Any]) -> str:
    """Return what a file says of an option that may be a callable: the name of its module and its own.

    >>> recorded("flip"), recorded(json.loads)
    ('flip', 'python:json.loads')
    """
    if isinstance(value, str):
        return value
    named = value if hasattr(value, "__qualname__") else type(value)
    detail = f"({recorded(value.func)}, {value.keywords})" if isinstance(value, partial) else ""
    return f"{PYTHON}{named.__module__}.{named.__qualname__}{detail}"


Named = Annotated[str | Callable[..., Any], PlainSerializer(recorded, when_used="json")]
"""A name, or from Python a callable, of which files keep the name as a record."""


def sides(value: Any) -> Any:
    """Return the sizes that a text such as `256x256` means; "whole" means None, and "auto" stays.

    >>> sides("64x128x128"), sides("whole"), sides("auto"), sides((8, 8))
    ((64, 128, 128), None, 'auto', (8, 8))
    """
    if not isinstance(value, str) or value == "auto":
        return value
    return None if value == "whole" else parse(value)


class Recipe(BaseModel):
    """How to train. Two equal recipes without "auto" give bit-identical weights on one machine.

    That holds on a CPU, for equal data and an equal number of threads. `precision`, `channels_last` and
    `compile` are settled by `train` before the first step; the run keeps what was chosen.

    From Python `optimizer` may be a class of `torch.optim`, or a function that takes groups of parameters and
    `lr`; `augment` may hold functions from a batch of inputs to another, or from (inputs, targets) to both. A
    file names them only as a record, so whoever resumes such a run gives them again.

    Raises:
        RecipeError: An option is unknown (the nearest is named) or a value is out of range.

    >>> Recipe(epochs=3).lr
    0.1
    >>> Recipe.preset("he2015", epochs=3).steps is None
    True
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    optimizer: Named = Field("sgd", description=f"{', '.join(OPTIMIZERS)}, or the name of a plug-in's.")
    lr: float = Field(0.1, gt=0, description="Peak learning rate.")
    momentum: float = Field(
        0.9, ge=0, lt=1, description="Momentum of SGD and Muon, first beta of AdamW; onecycle moves it."
    )
    nesterov: bool = Field(True, description="Nesterov momentum (SGD and Muon).")
    weight_decay: float = Field(1e-4, ge=0, description="Decay of the weights other than norms and biases.")
    schedule: str = Field("onecycle", description=f"Learning rate schedule: {', '.join(SCHEDULES)}.")
    warmup_steps: int = Field(0, ge=0, description="Steps of linear warm-up (onecycle has `pct_start`).")
    pct_start: float = Field(
        0.3, gt=0, lt=1, description="Share of the run in which onecycle raises the rate."
    )
    milestones: tuple[float, ...] = Field(
        (0.5, 0.75), description="Shares of the run at which `step` cuts the learning rate."
    )
    factor: float = Field(0.1, gt=0, lt=1, description="Factor by which `step` and `plateau` cut the rate.")
    patience: int = Field(
        5, ge=0, description="Epochs without a better validation loss before `plateau` cuts the rate."
    )
    l1: float = Field(0.0, ge=0, description="Penalty: l1 x sum of |w| over the weights that decay.")
    l2: float = Field(0.0, ge=0, description="Penalty: l2 x sum of w squared over the weights that decay.")
    loss: str = Field("auto", description="Loss, of those that the task has; auto: the task's own.")
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="Label smoothing of the classification loss.")
    patch: Annotated[tuple[int, ...] | Literal["auto"] | None, BeforeValidator(sides)] = Field(
        "auto",
        description="Size of the windows to train on; auto: whole inputs, unless they differ in size, do "
        "not fit into memory, or are large and have maps.",
    )
    clip_grad_norm: float | None = Field(None, gt=0, description="Clip the gradient to this norm.")
    ema_decay: float | None = Field(
        None, gt=0, lt=1, description="Evaluate and save a moving average of the weights with this decay."
    )
    early_stopping: int | None = Field(
        None, gt=0, description="Stop after this many epochs without a better validation score."
    )
    batch: int | Literal["auto"] = Field(
        "auto", description="Examples per step; auto: 64, or 128 from 10,000 examples on."
    )
    epochs: int | None = Field(None, gt=0, description=f"Passes over the training split ({EPOCHS}).")
    steps: int | None = Field(None, gt=0, description="Optimizer steps, instead of epochs.")
    augment: tuple[Named, ...] | Literal["auto"] = Field("auto", description="Augmentations, by name.")
    seed: int = Field(0, ge=0, description="Seed of the weights, the data order and the augmentation.")
    precision: Precision = Field(
        "auto", description="Number format, as lightning-fabric names it; auto: the fastest here that pays."
    )
    channels_last: bool | Literal["auto"] = Field(
        "auto", description="Store images and convolutions with the channels last; auto: where it is faster."
    )
    compile: bool | Literal["auto"] = Field(
        "auto", description="Compile the network with torch.compile; auto: where that pays in the run."
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="Where to train.")
    save_every: int | None = Field(None, gt=0, description="Steps between checkpoints within an epoch.")

    def __init__(self, /, **values: Any):
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise RecipeError(_reason(error)) from error

    @model_validator(mode="before")
    @classmethod
    def _length(cls, values: Any) -> Any:
        if values.get("epochs") is None and values.get("steps") is None:
            return values | {"epochs": EPOCHS}
        return values

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.epochs is not None and self.steps is not None:
            raise ValueError(
                f"`epochs` (={self.epochs}) cannot be combined with `steps` (={self.steps}); give one of them"
            )
        if self.nesterov and self.optimizer == "sgd" and not self.momentum:
            raise ValueError("`nesterov` needs a `momentum` above 0; set nesterov to false")
        if self.batch != "auto" and self.batch < 1:
            raise ValueError(f"`batch` (={self.batch}) must be at least 1")
        return self

    @model_validator(mode="after")
    def _scheduled(self) -> Self:
        if self.schedule not in SCHEDULES:
            raise ValueError(f"`schedule` (={self.schedule}) must be one of {', '.join(SCHEDULES)}")
        if self.warmup_steps and SCHEDULES[self.schedule].cyclic:
            raise ValueError(
                f"`warmup_steps` (={self.warmup_steps}) does not fit {self.schedule}, which has `pct_start`"
            )
        if not all(0 < share < 1 for share in self.milestones):
            raise ValueError(f"`milestones` (={self.milestones}) must be shares of the run, between 0 and 1")
        return self

    @model_validator(mode="after")
    def _optimized(self) -> Self:
        if isinstance(self.optimizer, str) and not self.optimizer.startswith(PYTHON):
            chosen(self.optimizer)
        return self

    @classmethod
    def preset(cls, name: str, /, **changes: Any) -> "Recipe":
        """Return the recipe that `name` stands for, with `changes`."""
        if name not in PRESETS:
            raise RecipeError(f"there is no recipe called `{name}`; there are {', '.join(PRESETS)}.")
        return cls(**_changed(PRESETS[name], changes))

    def changed(self, /, **changes: Any) -> "Recipe":
        """Return this recipe with `changes`; a new `epochs` replaces `steps`, and vice versa."""
        return Recipe(**_changed(self.model_dump(), changes))

    @classmethod
    def read(cls, path: str | Path, /, **changes: Any) -> "Recipe":
        """Read a JSON or TOML file of options; its key `preset` names the recipe that it starts from."""
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
            values = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        except OSError as error:
            raise RecipeError(f"the recipe `{path}` cannot be read: {error.strerror}.") from error
        except (ValueError, RecursionError) as error:
            raise RecipeError(f"the recipe `{path}` is not valid JSON or TOML: {error}.") from error
        if not isinstance(values, dict):
            raise RecipeError(f"the recipe `{path}` holds a {type(values).__name__}, not a table of options.")
        return cls.preset(str(values.pop("preset", "standard")), **_changed(values, changes))

    def resolved(self, data: "Data", processes: int = 1) -> "Recipe":
        """Return this recipe with "auto" decided: patch, batch by the number of examples, `augment`.

        What `train` would time is decided as in `plain`.

        Raises:
            RecipeError: The processes cannot share a batch, or an option is the record of a callable.
        """
        self._require_callables()
        patch = self._windows(data)
        batch = self.batch
        if batch == "auto":
            batch = _batch(data, patch)
        if (batch if patch else min(batch, len(data.train))) % processes:
            raise RecipeError(
                f"`batch` (={batch}) must be divisible by the {processes} processes that share it."
            )
        input = (data.channels, *patch) if patch else data.input
        augment = natural(data, input) if self.augment == "auto" else self.augment
        return self.plain().changed(patch=patch, batch=batch, augment=augment)

    def plain(self) -> "Recipe":
        """Return this recipe with float32, contiguous and uncompiled, where it leaves these open."""
        return self.changed(**{name: value for name, value in PLAIN.items() if getattr(self, name) == "auto"})

    def _windows(self, data: "Data") -> tuple[int, ...] | None:
        """Return the size of windows, where the data or the recipe asks for any."""
        from netwright.training.windows import fitting, suited

        if self.patch == "auto":
            return suited(data)
        if self.patch is None and not data.uniform:
            raise RecipeError(
                f"the inputs of {data.name} differ in size or are not in memory, so they need windows; set "
                "`patch` to a size, or to auto."
            )
        return fitting(self.patch, data) if self.patch is not None else None

    def task_options(self) -> dict[str, Any]:
        """Return the options that belong to the task, as far as they were set."""
        options = {"loss": self.loss} if self.loss != "auto" else {}
        return options | ({"label_smoothing": self.label_smoothing} if self.label_smoothing else {})

    def _require_callables(self) -> None:
        """Refuse the record of a callable, which only Python code can give again."""
        for option, values in (("optimizer", [self.optimizer]), ("augment", self.augment)):
            for value in values:
                if isinstance(value, str) and value.startswith(PYTHON):
                    raise RecipeError(
                        f"`{option}` (={value}) was given as an object from Python, and a file keeps "
                        "only its name; give the same object again."
                    )


def _batch(data: "Data", patch: tuple[int, ...] | None) -> int:
    """Return the batch that "auto" stands for."""
    from netwright.training.windows import batch_size

    if patch is not None:
        return batch_size(patch)
    return SMALL_BATCH if len(data.train) < SMALL else BATCH


def _changed(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    opposite = {"epochs": "steps", "steps": "epochs"}
    replaced = {opposite[key] for key in changes if key in opposite and changes[key] is not None}
    return {key: value for key, value in values.items() if key not in replaced - set(changes)} | changes


def _reason(error: ValidationError) -> str:
    reasons = []
    for problem in error.errors(include_url=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        if problem["type"] == "extra_forbidden":
            near = get_close_matches(name, Recipe.model_fields, n=3, cutoff=0.5) or list(Recipe.model_fields)
            reasons.append(f"a recipe has no `{name}`; did you mean {', '.join(near)}?")
        elif name:
            reasons.append(f"`{name}` (={problem['input']!r}): {problem['msg']}.")
        else:
            reasons.append(f"{problem['msg'].removeprefix('Value error, ')}.")
    return " ".join(dict.fromkeys(reasons))
