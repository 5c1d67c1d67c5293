"""Designs made by hand: no training."""

from netwright.study.result import Design, Trial


def row(epoch: int, test: float) -> dict:
    """A line of metrics whose train error is half the test error, and valid between them."""
    errors = {"train": test / 2, "valid": 0.75 * test, "test": test}
    splits = {split: {"loss": 1.0, "error": error} for split, error in errors.items()}
    return {"kind": "epoch", "epoch": epoch, "step": 20 * epoch, "lr": 0.1, "seconds": 2.0, **splits}


def trial(seed: int, ends: list[float], failure: str = "") -> Trial:
    epochs = [row(epoch, error) for epoch, error in enumerate(ends, 1)]
    return Trial(seed, f"runs/x/seed-{seed}", epochs, 2.0 * len(ends), not failure, failure)


def design(name: str, trials: list[Trial], macs: int | None = 1000) -> Design:
    return Design(name, name, "0", 269_722, macs, trials)


def three() -> list[Design]:
    plain = [trial(0, [0.9, 0.55]), trial(1, [0.8, 0.59]), trial(2, [0.9, 0.56])]
    residual = [trial(0, [0.5, 0.012]), trial(1, [0.4, 0.014]), trial(2, [0.5, 0.013])]
    broken = [trial(seed, [0.9], "the loss is nan at step 3") for seed in range(3)]
    return [design("plain56", plain), design("resnet56", residual, 1200), design("hot", broken, None)]
