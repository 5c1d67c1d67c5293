"""Studies made by hand: no training."""

from netwright.data.scale import Scale
from netwright.study.arm import Arm, Design
from netwright.study.facts import TaskFacts
from netwright.study.result import Study
from netwright.study.trial import Trial
from netwright.training.baseline import Baseline

ERROR = Scale(label="error", unit="%", factor=100.0, counted=True)
DICE = Scale(label="dice", lower_is_better=False)
CLASSIFICATION = TaskFacts(
    "classification",
    "error",
    {"loss": Scale(label="loss"), "error": ERROR},
    Baseline("most frequent class", {"error": 0.9}),
)
SEGMENTATION = TaskFacts(
    "segmentation",
    "dice",
    {
        "loss": Scale(label="loss"),
        "dice": DICE,
        "pixel_error": Scale(label="pixel error", unit="%", factor=100.0),
    },
    Baseline("all background", {"dice": 0.437, "pixel_error": 0.224}),
)


def row(epoch: int, test: float) -> dict:
    """A line of metrics whose train error is half the test error, and valid between them."""
    errors = {"train": test / 2, "valid": 0.75 * test, "test": test}
    splits = {split: {"loss": 1.0, "error": error} for split, error in errors.items()}
    return {"kind": "epoch", "epoch": epoch, "step": 20 * epoch, "lr": 0.1, "seconds": 2.0, **splits}


def trial(seed: int, ends: list[float], failure: str = "") -> Trial:
    epochs = [row(epoch, error) for epoch, error in enumerate(ends, 1)]
    return Trial(seed, f"runs/x/seed-{seed}", epochs, 2.0 * len(ends), not failure, failure)


def design(name: str, macs: int | None = 1000) -> Design:
    return Design(name, name, "0", 269_722, macs)


def arm(name: str, *trials: Trial, recipe: str = "standard") -> Arm:
    return Arm(name, recipe, list(trials))


def runs(*errors: float) -> list[Trial]:
    """One trial of one epoch for each error, from seed 0."""
    return [trial(seed, [error]) for seed, error in enumerate(errors)]


PLAIN = arm("plain56", trial(0, [0.9, 0.55]), trial(1, [0.8, 0.59]), trial(2, [0.9, 0.56]))
RESIDUAL = arm("resnet56", trial(0, [0.5, 0.012]), trial(1, [0.4, 0.014]), trial(2, [0.5, 0.013]))
HOT = arm("hot", *(trial(seed, [0.9], "the loss is nan at step 3") for seed in range(3)))
MACS = {"plain56": 1000, "resnet56": 1200, "hot": None}
OPTIONS = {
    "lr": 0.1, "epochs": 3, "augment": ["crop"], "nesterov": True, "clip_grad_norm": None, "seed": 0,
}  # fmt: skip


def two_by_two() -> dict:
    """The parts of a study of two designs and two recipes: the residual network likes the higher rate."""
    recipes = {f"lr={lr}": OPTIONS | {"lr": lr} for lr in (0.05, 0.2)}
    errors = {
        ("plain", "lr=0.05"): (0.30, 0.31, 0.32),
        ("plain", "lr=0.2"): (0.30, 0.33, 0.31),
        ("residual", "lr=0.05"): (0.20, 0.22, 0.21),
        ("residual", "lr=0.2"): (0.10, 0.11, 0.12),
    }
    arms = [arm(name, *runs(*values), recipe=recipe) for (name, recipe), values in errors.items()]
    return {"recipes": recipes, "designs": [design("plain"), design("residual")], "arms": arms}


def segmentation(name: str, *dices: float, recipe: str = "standard") -> Arm:
    """An arm of one epoch for each dice, from seed 0; the train dice is 0.1 higher."""
    trials = []
    for seed, dice in enumerate(dices):
        values = {"train": dice + 0.1, "valid": dice, "test": dice}
        splits = {
            split: {"loss": 1 - value, "dice": value, "pixel_error": (1 - value) / 4}
            for split, value in values.items()
        }
        line = {"kind": "epoch", "epoch": 1, "step": 20, "lr": 0.1, "seconds": 2.0, **splits}
        trials.append(Trial(seed, f"runs/{name}/seed-{seed}", [line], 2.0, True))
    return Arm(name, recipe, trials)


def study(folder, *arms: Arm, **changes) -> Study:
    """A study of some arms; by default two that differ clearly and one that failed."""
    arms = arms or (PLAIN, RESIDUAL, HOT)
    names = dict.fromkeys(each.design for each in arms)
    known = {
        "folder": folder,
        "data": {
            "name": "digits", "layout": "", "digest": "d" * 64, "input": [1, 8, 8], "classes": 10,
            "train": 1257, "valid": 180, "test": 360,
        },
        "task": CLASSIFICATION,
        "recipes": {"standard": OPTIONS},
        "threads": 1,
        "versions": {"netwright": "0.1.0", "torch": "2.13.0"},
        "seeds": [0, 1, 2],
        "designs": [design(name, MACS.get(name, 1000)) for name in names],
        "arms": list(arms),
    }  # fmt: skip
    return Study(**known | changes)
