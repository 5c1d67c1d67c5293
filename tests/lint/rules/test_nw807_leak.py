"""Held-out inputs that the network has seen."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from arrays import noise, surveyed
from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.lint.rules.nw807_leak import look
from planted import findings, save


def survey(copies, number=100, **options):
    """A set whose test split holds some training inputs."""
    inputs = [noise(number, seed=1), noise(20, seed=2), noise(100, seed=3)]
    inputs[2][:copies] = inputs[0][5 : 5 + copies]
    labels = [torch.arange(len(each)) % 2 for each in inputs]
    splits = [Split(each, {Kind.CLASS: label}) for each, label in zip(inputs, labels, strict=True)]
    return surveyed(splits, ("a", "b"), **options)


@pytest.mark.parametrize(("copies", "severity"), [(1, "info"), (4, "info"), (5, "warning"), (60, "warning")])
def test_the_share_of_the_split_decides_between_info_and_warning(copies, severity):
    [remark] = look(survey(copies))
    assert remark.severity == severity
    assert remark.evidence["share"] == copies / 100
    assert remark.evidence["equal"] == copies
    assert remark.evidence["pairs"][0] == {"input": "example 0", "like": "example 5", "correlation": 1.0}
    assert "equal to an input of train: example 0 and example 5" in remark.message


def test_inputs_of_their_own_are_not_reported():
    assert list(look(survey(0))) == []


def test_before_a_training_nothing_is_read_again():
    assert list(look(survey(60, again=False))) == []


@pytest.mark.parametrize(("name", "reported"), [("blocks", False), ("interleaved", True)])
def test_slices_are_reported_unless_they_are_split_in_blocks(tmp_path, name, reported):
    volume = gaussian_filter(np.random.default_rng(0).normal(size=(30, 32, 32)), (2, 3, 3))
    for k, plane in enumerate(volume):
        held = k >= 24 if name == "blocks" else k % 5 == 2
        grey = (128 + 40 * plane / plane.std()).clip(0, 255).astype(np.uint8)
        for kind in ("images", "masks"):
            drawn = grey if kind == "images" else (grey > 128).astype(np.uint8)
            save(drawn, tmp_path / kind / ("test" if held else "train") / f"slice{k:02}.png")
    messages = [finding.message for finding in findings(tmp_path, "NW807") if finding.severity == "warning"]
    assert any("interleaved" in message for message in messages) == reported
    assert not messages or "images/test/slice02.png" in messages[0]
