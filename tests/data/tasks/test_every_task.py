"""The contract of every task that is found, over random sizes, strides and offsets."""

import json
from collections.abc import Callable
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from netwright.arithmetic.grid import Axis, Grid
from netwright.data.catalogue import tasks
from netwright.data.examples import Data, Split
from netwright.data.kinds import IGNORE, Kind
from netwright.data.task import Task

CLASSES = 3
EXAMPLES = 4

STRIDES = [Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(4)]
AXES = st.builds(
    Axis,
    st.sampled_from(STRIDES),
    st.fractions(0, 4, max_denominator=4),
    st.integers(1, 7),
    st.integers(5, 12),
)
GRIDS = st.lists(AXES, min_size=2, max_size=3).map(lambda axes: Grid(tuple(axes)))


def classes(space: tuple[int, ...]) -> Tensor:
    return torch.arange(EXAMPLES) % CLASSES


def mask(space: tuple[int, ...]) -> Tensor:
    return torch.randint(-1, CLASSES, (EXAMPLES, *space))


DRAWN: dict[Kind, Callable[[tuple[int, ...]], Tensor]] = {Kind.CLASS: classes, Kind.MASK: mask}
"""Random targets of each kind for images of a size; a task with another kind adds its own here."""


def represented(kind: Kind, truth: Tensor, grid: Grid) -> tuple[Tensor, Tensor]:
    """The targets that a grid can represent, and which of the values these are."""
    if not kind.dense:
        return truth, torch.ones_like(truth, dtype=torch.bool)
    kept = truth != IGNORE
    for axis, each in enumerate(grid.axes, start=1):
        shape = [1] * truth.ndim
        shape[axis] = each.input
        seen = torch.tensor([pixel in each.pixels() for pixel in range(each.input)])
        covered = torch.tensor([position >= 0 for position in each.positions()])
        kept = kept & (seen & covered).reshape(shape)
    return truth, kept


def data(kind: Kind, grid: Grid) -> Data:
    truth = DRAWN[kind](grid.input)
    stored = truth.clamp(min=0).to(torch.uint8 if kind.dense else torch.int64)
    split = Split(torch.zeros(EXAMPLES, 1, *grid.input, dtype=torch.uint8), {kind: stored})
    names = tuple(f"class {index}" for index in range(CLASSES))
    return Data("drawn", names, split, split, split, (0.5,), (0.5,), "digest")


def made(name: str, grid: Grid) -> tuple[Task, Kind, Data]:
    """A task, the kind of its targets, and a data set of examples of the size of the grid."""
    (kind,) = tasks()[name].needs.values()
    examples = data(kind, grid)
    return tasks()[name].from_data(examples), kind, examples


SMALL = Grid.regular((8, 9), (8, 9))
NAMES = pytest.mark.parametrize("name", sorted(tasks()))


@NAMES
@given(GRIDS, st.integers(0, 10_000))
def test_decoding_the_ideal_output_gives_the_targets_that_the_grid_can_represent(name, grid, seed):
    torch.manual_seed(seed)
    task, kind, _ = made(name, grid)
    truth = DRAWN[kind](grid.input)
    encoded = task.encode({kind: truth}, grid)
    decoded = task.decode(task.ideal(encoded), grid)[kind]
    expected, kept = represented(kind, truth, grid)
    assert decoded.shape == truth.shape
    assert torch.equal(decoded[kept], expected[kept])


@NAMES
@given(st.integers(0, 10_000))
def test_the_ideal_output_has_no_loss_and_the_best_metrics(name, seed):
    torch.manual_seed(seed)
    task, kind, _ = made(name, SMALL)
    encoded = task.encode({kind: DRAWN[kind](SMALL.input)}, SMALL)
    ideal, worse = task.ideal(encoded), torch.randn_like(task.ideal(encoded))
    assert task.loss(ideal, encoded).item() == pytest.approx(0, abs=1e-3)
    for measure in task.metrics().values():
        measure.metric.update(ideal, encoded)
        best = measure.metric.compute().item()
        measure.metric.reset()
        measure.metric.update(worse, encoded)
        other = measure.metric.compute().item()
        assert best <= other if measure.lower_is_better else best >= other
        assert best == pytest.approx(0 if measure.lower_is_better else 1)


@NAMES
def test_the_loss_is_a_finite_scalar_with_a_gradient_for_every_example(name):
    torch.manual_seed(0)
    task, kind, _ = made(name, SMALL)
    encoded = task.encode({kind: DRAWN[kind](SMALL.input)}, SMALL)
    output = torch.randn_like(task.ideal(encoded), requires_grad=True)
    loss = task.loss(output, encoded)
    loss.backward()
    assert loss.shape == ()
    assert loss.isfinite()
    assert output.grad.isfinite().all()
    assert (output.grad.flatten(1).abs().sum(1) > 0).all()


@NAMES
def test_settings_are_json_and_make_the_same_task(name):
    torch.manual_seed(0)
    task, kind, _ = made(name, SMALL)
    stored = json.loads(json.dumps(task.settings()))
    again = tasks()[name].from_settings(stored)
    assert again.settings() == task.settings()
    encoded = task.encode({kind: DRAWN[kind](SMALL.input)}, SMALL)
    output = torch.randn_like(task.ideal(encoded))
    assert torch.equal(again.loss(output, encoded), task.loss(output, encoded))
    assert torch.equal(again.decode(output, SMALL)[kind], task.decode(output, SMALL)[kind])


@NAMES
def test_the_baseline_has_the_metrics_and_the_monitor_is_one_of_them(name):
    task, _, examples = made(name, SMALL)
    assert list(task.baseline(examples)) == list(task.metrics())
    assert task.monitor in {"loss", *task.metrics()}


@NAMES
def test_the_details_of_the_ideal_output_are_the_best_scores_and_start_anew_when_tuned(name):
    torch.manual_seed(0)
    task, kind, _ = made(name, SMALL)
    encoded = task.encode({kind: DRAWN[kind](SMALL.input)}, SMALL)
    details = task.details()
    for _ in range(2):
        for metric in details.metrics.values():
            metric.update(task.ideal(encoded), encoded)
        scores = details.compute()
        assert scores
        assert set(scores.values()) <= {0.0, 1.0}
        details = details.tuned()
        assert all(metric.update_count == 0 for metric in details.metrics.values())


@NAMES
def test_an_output_with_the_right_channels_fits_and_one_more_is_refused(name):
    task, kind, examples = made(name, SMALL)
    shape = tuple(task.ideal(task.encode({kind: DRAWN[kind](SMALL.input)}, SMALL)).shape[1:])
    assert shape[0] == task.outputs(examples)
    assert task.check(shape, examples) == ""
    assert task.check((shape[0] + 1, *shape[1:]), examples).endswith(".")


@NAMES
def test_a_prediction_is_drawn_as_a_picture_of_eight_bits(name):
    task, kind, _ = made(name, SMALL)
    truth = {kind: DRAWN[kind](SMALL.input)[0]}
    for picture in (
        task.draw(torch.rand(1, *SMALL.input), truth),
        task.draw(torch.rand(3, 8, 9), truth, truth),
    ):
        assert picture.dtype == torch.uint8
        assert picture.ndim == 3
        assert len(picture) == 3
