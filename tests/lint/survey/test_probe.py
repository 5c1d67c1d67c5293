"""The nearest-neighbour probe of augmentations, on the digits of scikit-learn."""

import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from netwright.data.augment import build
from netwright.lint.survey.probe import Prober, Sample, turns


@pytest.fixture(scope="module")
def digits():
    bunch = load_digits()
    inputs = torch.from_numpy(bunch.images * 15).to(torch.uint8)[:, None]
    return Prober(Sample(inputs[:600], torch.from_numpy(bunch.target[:600])), 10)


def test_a_half_turn_makes_nines_of_sixes(digits):
    probe = digits.probe(turns(2)["a half turn"])
    assert probe.after[6, 9] > 0.3
    assert probe.before[6, 9] < 0.05
    assert probe.p(6, 9) < 1e-6
    assert probe.after[0, 9] < 0.05


def test_no_change_and_a_shift_by_one_pixel_break_nothing(digits):
    crop = build(["crop(padding=1)"], input=(1, 8, 8))
    for augment in (torch.clone, lambda inputs: crop(inputs, {})[0]):
        excess = digits.probe(augment).after - digits.before
        assert (excess.fill_diagonal_(0) < 0.1).all()


def test_without_an_augmentation_most_digits_are_nearest_to_their_own_class(digits):
    """About as many as scikit-learn's classifier gets right on the other half."""
    inputs, labels = digits.sample.inputs.flatten(1).numpy(), digits.sample.labels.numpy()
    known = KNeighborsClassifier(1).fit(inputs[300:], labels[300:]).score(inputs[:300], labels[:300])
    assert abs(float(digits.before.diagonal().mean()) - known) < 0.06


def test_only_the_examples_that_changed_are_counted(digits):
    def half(inputs):
        changed = inputs.clone()
        changed[::2] = inputs[::2].flip(-1, -2)
        return changed

    probe = digits.probe(half)
    assert int(probe.counts.sum()) <= 300
    assert probe.after[6, 9] > 0.3


def test_the_draws_are_those_of_a_generator_of_its_own(digits):
    def noise(inputs):
        return (inputs + torch.randint(0, 9, inputs.shape)).to(torch.uint8)

    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    one, two = digits.probe(noise), digits.probe(noise)
    assert torch.equal(one.after, two.after)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(("axes", "number"), [(1, 1), (2, 3), (3, 4)])
def test_every_turn_keeps_the_shape_and_is_its_own_inverse(axes, number):
    inputs = torch.randn(2, 1, *[3, 4, 5][:axes])
    assert len(turns(axes)) == number
    for turn in turns(axes).values():
        assert torch.equal(turn(turn(inputs)), inputs)
        assert not torch.equal(turn(inputs), inputs)
