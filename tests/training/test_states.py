"""States of metrics by example."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torchmetrics import Metric

from netwright.data.kinds import IGNORE
from netwright.data.metrics.confusion import Confusion, mean_dice, pixel_error
from netwright.data.tasks.classification import ErrorRate
from netwright.training.evaluation import evaluation
from netwright.training.recipe import Recipe
from netwright.training.run import train
from netwright.training.states import ByExample, count, distinct, fill, summed
from tiny import SPEC, cells, data


class Highest(Metric):
    """The largest output: a state that is no sum."""

    top: torch.Tensor

    def __init__(self):
        super().__init__()
        self.add_state("top", torch.tensor(-torch.inf), dist_reduce_fx="max")

    def update(self, output, target):
        self.top = torch.maximum(self.top, output.max())

    def compute(self):
        return self.top


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """A run of classification, its data and its evaluation."""
    run = train(SPEC, data(), Recipe(steps=4, batch=16, augment=()), out=tmp_path_factory.mktemp("run"))
    return run, evaluation(run, data(), run.load())


@pytest.fixture(scope="module")
def tiled(tmp_path_factory):
    """A run on windows, whose test images are evaluated by several tiles each."""
    recipe = Recipe(batch=1, steps=2, patch=(16, 16), augment=(), device="cpu")
    known = cells(9, 64)
    run = train("unet_same(width=2, depth=1)", known, recipe, out=tmp_path_factory.mktemp("run"))
    return run, evaluation(run, known, run.load())


def metrics(evaluation):
    return {name: measure.metric for name, measure in evaluation.task.metrics().items()}


@pytest.mark.parametrize("kind", ["evaluated", "tiled"])
def test_the_sums_over_examples_give_the_loss_and_the_metrics_to_the_bit(kind, request):
    run, ready = request.getfixturevalue(kind)
    counted = count(ready, "test", metrics(ready))
    values = {name: metric.compute().item() for name, metric in counted.metrics.items()}
    assert {"loss": counted.loss} | values == run.best["test"]


def test_each_example_has_the_metric_that_it_has_as_the_only_one_of_a_split(evaluated):
    run, ready = evaluated
    known = data()
    counted = count(ready, "test", metrics(ready), losses=True)
    for number in (0, 7, 39):
        test = replace(known.test, inputs=known.test.inputs[number : number + 1], targets={
            kind: stack[number : number + 1] for kind, stack in known.test.targets.items()
        })  # fmt: skip
        alone = run.evaluate(replace(known, test=test))
        assert counted.each("error")[number] == alone["error"]
        assert counted.losses[number] == pytest.approx(alone["loss"], rel=1e-5)
    assert counted.losses.mean() == pytest.approx(counted.loss, rel=1e-5)
    assert counted.each("error").mean() == pytest.approx(run.best["test"]["error"])


def test_the_tiles_of_an_example_are_one_example(tiled):
    _, ready = tiled
    batches = list(ready.batches("test"))
    counted = count(ready, "test", metrics(ready), losses=True)
    assert len(batches) > counted.examples == 2
    assert counted.states["dice"].sum(1).tolist() == [64 * 64] * 2
    assert counted.losses.mean() == pytest.approx(counted.loss, rel=1e-5)


def test_one_process_of_several_counts_the_whole_split(evaluated):
    _, ready = evaluated
    loader = replace(ready).loader
    loader.rank, loader.world = 1, 2
    try:
        assert count(ready, "test", metrics(ready)).examples == 40
        assert count(ready, "test", metrics(ready)).states["error"][:, [1]].sum() == 40
        assert (loader.rank, loader.world) == (1, 2)
    finally:
        loader.rank, loader.world = 0, 1


def test_a_state_that_is_not_a_sum_is_left_out_and_its_metric_is_right(evaluated):
    _, ready = evaluated
    counted = count(ready, "valid", {"top": Highest()} | metrics(ready))
    highest = max(output.max() for _, output, _ in ready.batches("valid"))
    assert counted.metrics["top"].compute() == highest
    assert set(counted.states) == {"error"}


@pytest.mark.parametrize(
    ("metric", "output", "target"),
    [
        (ErrorRate(), torch.randn(6, 4), torch.tensor([0, 1, 2, 3, 0, 1])),
        (Confusion(4, pixel_error), torch.randn(6, 4), torch.tensor([0, 1, 2, 3, 0, 1])),
        (Confusion(3, mean_dice), torch.randn(4, 3, 5, 7), torch.randint(IGNORE, 3, (4, 5, 7))),
        (Confusion(2, mean_dice), torch.randn(2, 2, 3, 4, 5), torch.randint(IGNORE, 2, (2, 3, 4, 5))),
    ],
)
def test_the_states_of_a_batch_are_those_of_updates_one_by_one(metric, output, target):
    assert isinstance(metric, ByExample)
    states = metric.states(output, target)
    assert states.keys() == metric.metric_state.keys()
    for number in range(len(output)):
        metric.reset()
        metric.update(output[number : number + 1], target[number : number + 1])
        for name, value in metric.metric_state.items():
            assert torch.equal(states[name][number], value)


def test_a_metric_that_was_filled_computes_without_a_warning():
    metric = ErrorRate()
    fill(metric, np.array([3.0, 4.0]))
    assert metric.compute().item() == 0.75
    assert metric.wrong.dtype == torch.int64
    fill(metric, np.array([1.0, 4.0]))
    assert metric.compute().item() == 0.25, "nothing of the earlier value is kept"


def test_rows_are_summed_by_number_and_equal_rows_are_one():
    from scipy.sparse import csr_array

    rows = csr_array(np.array([[1.0, 0], [0, 2], [1, 0], [0, 0]]))
    assert summed(rows, np.array([1, 0, 1, 2])).toarray().tolist() == [[0, 2], [2, 0], [0, 0]]
    different, places = distinct(rows)
    assert different.toarray()[places].tolist() == rows.toarray().tolist()
    assert different.shape == (3, 2)


def test_progress_ends_at_the_number_of_examples(tiled):
    _, ready = tiled
    seen = []
    count(ready, "test", {}, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(2)
