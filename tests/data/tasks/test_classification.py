"""Classification: loss, metric and fit, against torch and torchmetrics."""

import pytest
import torch
import torch.nn.functional as F
from torchmetrics.functional.classification import multiclass_accuracy

from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind
from netwright.data.task import Task
from netwright.data.tasks.classification import Classification, ErrorRate
from netwright.errors import RecipeError


def data(classes: int) -> Data:
    split = Split(torch.zeros(4, 1, 2, 2, dtype=torch.uint8), {Kind.CLASS: torch.zeros(4, dtype=torch.int64)})
    names = tuple(map(str, range(classes)))
    return Data("tiny", names, split, split, split, (0.5,), (0.5,), "digest")


def test_classification_fulfils_the_protocol():
    task: Task = Classification(3)
    assert task.name == "classification"
    assert task.monitor in {"loss", *task.metrics()}


@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
def test_the_loss_is_cross_entropy_with_smoothing(label_smoothing: float):
    output, target = torch.randn(8, 5), torch.randint(5, (8,))
    log = output.log_softmax(1)
    wanted = (1 - label_smoothing) * F.nll_loss(log, target) - label_smoothing * log.mean()
    task = Classification(5, label_smoothing)
    torch.testing.assert_close(task.loss(output, task.encode({Kind.CLASS: target}, None)), wanted)


@pytest.mark.parametrize("label_smoothing", [-0.1, 1.0, 2.0])
def test_smoothing_outside_its_range_is_refused(label_smoothing: float):
    with pytest.raises(RecipeError, match=f"={label_smoothing}"):
        Classification(5, label_smoothing)


def test_the_error_is_one_minus_accuracy_over_uneven_batches():
    metric = Classification(4).metrics()["error"].metric
    outputs = [torch.randn(n, 4) for n in (7, 5, 1)]
    targets = [torch.randint(4, (len(output),)) for output in outputs]
    for output, target in zip(outputs, targets, strict=True):
        metric.update(output, target)
    accuracy = multiclass_accuracy(torch.cat(outputs), torch.cat(targets), num_classes=4, average="micro")
    torch.testing.assert_close(metric.compute(), 1 - accuracy)


def test_metrics_are_fresh_for_each_split():
    task = Classification(2)
    first = task.metrics()["error"].metric
    first.update(torch.eye(2), torch.tensor([1, 0]))
    second = task.metrics()["error"].metric
    second.update(torch.eye(2), torch.tensor([0, 1]))
    assert (first.compute(), second.compute()) == (1, 0)


def test_a_metric_starts_over_after_a_reset():
    metric = ErrorRate()
    metric.update(torch.eye(2), torch.tensor([1, 0]))
    metric.reset()
    metric.update(torch.eye(2), torch.tensor([0, 1]))
    assert metric.compute() == 0


def test_one_logit_a_class_fits():
    assert Classification(10).check((10,), data(10)) == ""


@pytest.mark.parametrize("shape", [(9,), (10, 4, 4), ()])
def test_another_output_does_not_fit_and_both_sizes_are_named(shape: tuple[int, ...]):
    reason = Classification(10).check(shape, data(10))
    assert "tiny needs 10" in reason
    assert ("x".join(map(str, shape)) or "a scalar") in reason


def test_a_task_for_other_classes_than_the_data_does_not_fit():
    assert "has 3 classes, tiny has 10" in Classification(3).check((3,), data(10))
