"""Progress on a terminal and elsewhere."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from netwright.training.listener import EpochDone, Started, StepDone
from netwright.training.progress import Progress

ROW = {
    "kind": "epoch",
    "epoch": 1,
    "step": 5,
    "lr": 0.1,
    "train": {"loss": 2.0, "error": 0.5},
    "valid": {"loss": 1.5, "error": 0.25},
    "test": {"loss": 1.25, "error": 0.125},
    "examples_per_second": 1234.5,
    "seconds": 1.0,
}
MEASURES = {
    "loss": {"label": "loss"},
    "error": {"label": "error", "unit": "%", "factor": 100.0, "counted": True},
    "pixel_dice": {"label": "dice", "lower_is_better": False},
}


def started(step: int) -> Started:
    return Started(step, 10, 5, Path("run"), {"measures": MEASURES}, [])


EVENTS = [started(0), StepDone(1, 1, 1, 0.1, 2.25, False), EpochDone(ROW)]


def shown(events, **options) -> str:
    text = StringIO()
    with Progress(Console(file=text, width=200, **options)) as progress:
        for event in events:
            progress(event)
    return text.getvalue()


def test_without_a_terminal_an_epoch_is_one_plain_line():
    assert shown(EVENTS) == (
        "epoch 1 step 5/10: train loss 2.00 error 50.00 % | valid loss 1.50 error 25.00 % | "
        "test loss 1.25 error 12.50 % | 1,234 examples/s\n"
    )


def test_every_metric_is_written_with_its_own_label_and_unit():
    row = ROW | {part: {"loss": 1.0, "pixel_dice": 0.87312} for part in ("train", "valid", "test")}
    assert "train loss 1.00 dice 0.873 | valid " in shown([started(0), EpochDone(row)])


def test_a_run_that_goes_on_says_from_where():
    assert shown([started(5)]) == "resuming after step 5 of 10\n"


def test_a_terminal_shows_steps_rate_and_loss():
    text = shown(EVENTS[:2], force_terminal=True)
    for part in ("epoch 1", "1/10", "lr 0.1", "loss 2.2500"):
        assert part in text


def test_an_unknown_loss_is_left_blank():
    assert "None" not in shown([EVENTS[0], StepDone(1, 1, 1, 0.1, None, False)], force_terminal=True)
