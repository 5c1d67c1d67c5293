"""How to train: one frozen table of options, its presets, and reading it from a file. Needs no torch."""

import json
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from netwright.errors import RecipeError

EPOCHS = 15

Precision = Literal["32-true", "64-true", "16-mixed", "bf16-mixed", "16-true", "bf16-true"]


class Recipe(BaseModel):
    """How to train. Two equal recipes on equal data give bit-identical weights on a CPU.

    Raises:
        RecipeError: an unknown key (the nearest is named) or a value out of range.

    >>> Recipe(epochs=3).lr
    0.1
    >>> Recipe.preset("he2015", epochs=3).steps is None
    True
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    optimizer: Literal["sgd", "adamw"] = Field("sgd", description="SGD or AdamW.")
    lr: float = Field(0.1, gt=0, description="Peak learning rate.")
    momentum: float = Field(
        0.9, ge=0, lt=1, description="Momentum of SGD, first beta of AdamW; onecycle swings it."
    )
    nesterov: bool = Field(True, description="Nesterov's momentum (SGD).")
    weight_decay: float = Field(1e-4, ge=0, description="Decay of weights; norms and biases are spared.")
    schedule: Literal["constant", "step", "cosine", "onecycle", "plateau"] = Field(
        "onecycle", description="How the learning rate moves."
    )
    warmup_steps: int = Field(
        0, ge=0, description="Steps of linear warm-up (onecycle has its own: `pct_start`)."
    )
    pct_start: float = Field(
        0.3, gt=0, lt=1, description="Share of the run in which onecycle's learning rate rises."
    )
    milestones: tuple[float, ...] = Field((0.5, 0.75), description="Shares of the run where `step` cuts.")
    factor: float = Field(
        0.1, gt=0, lt=1, description="What `step` and `plateau` multiply the learning rate by."
    )
    patience: int = Field(5, ge=0, description="Epochs without a better validation loss before plateau cuts.")
    l1: float = Field(0.0, ge=0, description="Penalty: l1 x sum of |w| over the weights that decay.")
    l2: float = Field(0.0, ge=0, description="Penalty: l2 x sum of w squared over the weights that decay.")
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="Label smoothing of the classification loss.")
    clip_grad_norm: float | None = Field(None, gt=0, description="Largest norm of the gradient.")
    ema_decay: float | None = Field(
        None, gt=0, lt=1, description="Decay of the weights' moving average (EMA)."
    )
    early_stopping: int | None = Field(
        None, gt=0, description="Stop after so many epochs without a better score."
    )
    batch: int | Literal["auto"] = Field("auto", description="Examples a step; auto: 64, from 10,000 on 128.")
    epochs: int | None = Field(None, gt=0, description=f"Passes over the training split ({EPOCHS}).")
    steps: int | None = Field(None, gt=0, description="Optimizer steps, instead of epochs.")
    augment: tuple[str, ...] | Literal["auto"] = Field(
        "auto", description="Augmentations by name; auto: crop, and flip for colour images but digits."
    )
    seed: int = Field(0, ge=0, description="Seed of weights, data order and augmentation.")
    precision: Precision = Field("32-true", description="Number format, as lightning-fabric names it.")
    channels_last: bool = Field(False, description="Memory format of images and convolutions.")
    compile: bool = Field(False, description="Compile the network with torch.compile.")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="Where to train.")
    save_every: int | None = Field(None, gt=0, description="Steps between checkpoints inside an epoch.")

    def __init__(self, **values: Any):
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
            raise ValueError(f"`epochs` (={self.epochs}) and `steps` (={self.steps}): give one of them")
        if self.warmup_steps and self.schedule == "onecycle":
            raise ValueError(
                f"`warmup_steps` (={self.warmup_steps}) is not for onecycle, which warms up by `pct_start`"
            )
        if self.nesterov and self.optimizer == "sgd" and not self.momentum:
            raise ValueError("`nesterov` needs `momentum` above 0; set nesterov to false")
        if self.batch != "auto" and self.batch < 1:
            raise ValueError(f"`batch` (={self.batch}) must be at least 1")
        if not all(0 < share < 1 for share in self.milestones):
            raise ValueError(f"`milestones` (={self.milestones}) are shares of the run, between 0 and 1")
        return self

    @classmethod
    def preset(cls, name: str, **changes: Any) -> "Recipe":
        """The recipe that `name` stands for, with `changes`."""
        if name not in PRESETS:
            raise RecipeError(f"no recipe is called `{name}`; there are {', '.join(PRESETS)}.")
        return cls(**_changed(PRESETS[name], changes))

    def changed(self, **changes: Any) -> "Recipe":
        """This recipe with `changes`; a new `epochs` replaces `steps` and the reverse."""
        return Recipe(**_changed(self.model_dump(), changes))

    @classmethod
    def read(cls, path: str | Path, **changes: Any) -> "Recipe":
        """Read a JSON or TOML file of options; its key `preset` names what it starts from."""
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
            values = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        except OSError as error:
            raise RecipeError(f"the recipe `{path}` cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise RecipeError(f"the recipe `{path}` is no JSON or TOML: {error}.") from error
        if not isinstance(values, dict):
            raise RecipeError(f"the recipe `{path}` holds a {type(values).__name__}, not a table of options.")
        return cls.preset(str(values.pop("preset", "standard")), **_changed(values, changes))

    def differences(self, other: "Recipe") -> list[str]:
        """What differs from `other`, as `lr (=0.1) was 0.2`."""
        mine, theirs = self.model_dump(), other.model_dump()
        return [f"{key} (={mine[key]}) was {theirs[key]}" for key in mine if mine[key] != theirs[key]]


PRESETS: dict[str, dict[str, Any]] = {
    "standard": {},
    # He, Zhang, Ren & Sun 2015, section 4.2: by steps, the learning rate cut at 32k and 48k of 64k.
    "he2015": {
        "nesterov": False,
        "schedule": "step",
        "batch": 128,
        "steps": 64_000,
    },
    "course": {
        "lr": 0.01,
        "nesterov": False,
        "weight_decay": 0.0,
        "schedule": "plateau",
        "batch": 64,
        "augment": (),
    },
}


def _changed(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    replaced = {"epochs": "steps", "steps": "epochs"}
    gone = {replaced[key] for key in changes if key in replaced and changes[key] is not None} - set(changes)
    return {key: value for key, value in values.items() if key not in gone} | changes


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
