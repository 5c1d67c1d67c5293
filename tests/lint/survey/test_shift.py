"""How the inputs of two splits differ."""

import numpy as np
import pytest
import torch
from scipy.stats import ks_2samp

from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.lint.survey.origin import Tensors
from netwright.lint.survey.part import survey_part
from netwright.lint.survey.shift import differences, kinds
from netwright.lint.survey.survey import quiet


def part(inputs, labels=None, groups=()):
    targets = {} if labels is None else {Kind.CLASS: torch.as_tensor(labels)}
    split = Split(inputs if isinstance(inputs, list) else torch.from_numpy(inputs), targets, groups)
    return survey_part("some", Tensors(split, "data"), lambda items, count: quiet("", items, count))


def noise(number, mean=0.0, seed=0):
    return np.random.default_rng(seed).normal(mean, size=(number, 2, 6, 6)).astype(np.float32)


def test_the_distance_of_means_is_that_of_scipy():
    one, two = noise(40), noise(30, 0.2, 1)
    rows = {row.name: row for row in differences(part(one), part(two))}
    expected = ks_2samp(one.mean((2, 3))[:, 1], two.mean((2, 3))[:, 1])
    row = rows["the mean of channel 1"]
    assert row.distance == pytest.approx(expected.statistic)
    assert row.p == pytest.approx(expected.pvalue)
    assert row.train == pytest.approx(one[:, 1].mean(), abs=1e-6)


def test_classes_are_compared_by_their_shares():
    rows = list(differences(part(noise(40), [0, 1] * 20), part(noise(40, seed=1), [0] * 40)))
    [row] = [row for row in rows if "classes" in row.name]
    assert row.distance == pytest.approx(0.5)
    assert row.p < 1e-5
    assert np.isnan(row.train)


def test_examples_of_a_group_count_as_one():
    inputs = noise(40)
    names = [f"volume {k // 10}" for k in range(40)]
    rows = list(differences(part(inputs, groups=names), part(noise(40, 5.0, 1), groups=names)))
    assert min(row.p for row in rows) > 0.01
    assert max(row.distance for row in rows) == 1


def test_sizes_are_compared():
    small, large = ([torch.rand(1, side, 8) for _ in range(10)] for side in (6, 9))
    rows = {row.name: row for row in differences(part(small), part(large))}
    assert rows["the size along axis 0"].distance == 1
    assert "the size along axis 1" not in rows


def test_types_are_counted():
    assert kinds(part(noise(3))) == {"float32": 3}
