import pytest
import torch
from torch import nn

from netwright.data.catalogue import choose
from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind
from netwright.design.trials import ACCELERATOR, Setup, Trials, held
from netwright.errors import ShapeError
from netwright.spec import load


def masks(count=4, sizes=(64, 64), dtype=torch.uint8, ragged=False):
    """Return data for segmentation into two classes."""
    inputs, targets = (
        torch.zeros(count, 1, *sizes, dtype=dtype),
        torch.zeros(count, *sizes, dtype=torch.uint8),
    )
    targets[..., : sizes[-1] // 4] = 1
    if ragged:
        inputs, targets = tuple(inputs), tuple(targets)
    split = Split(inputs, {Kind.MASK: targets})
    return Data("made", ("rest", "cell"), split, split, split, (0.5,), (0.2,), "digest", values=(0, 1))


def labels(count=40, shape=(3, 8, 8)):
    """Return data for classification into ten classes."""
    split = Split(torch.zeros(count, *shape, dtype=torch.uint8), {Kind.CLASS: torch.arange(count) % 10})
    return Data("made", tuple("0123456789"), split, split, split, (0.5,) * 3, (0.2,) * 3, "digest")


def trials(net, data, setup=None, kept=0):
    return Trials(net, data, choose(data), setup or Setup(), kept)


def test_the_data_counts_where_it_is_one_tensor():
    assert held(masks()) == 3 * 2 * 4 * 64 * 64
    assert held(masks(ragged=True)) == 0


def test_the_parts_add_up_to_the_peak():
    tried = trials(load("unet_same(width=4)", input=(1, 64, 64), classes=2), masks(), kept=1000)
    parts = tried.parts((32, 32), 2)
    assert sum(parts.values()) == tried.peak((32, 32), 2)
    assert parts["data"] == 1000
    assert parts["optimizer"] == pytest.approx(parts["weights"], rel=0.01)
    assert all(size >= 0 for size in parts.values())


def test_a_batch_has_its_bytes_its_floats_and_its_map():
    tried = trials(load("unet_same(width=4)", input=(1, 64, 64), classes=2), masks())
    assert tried.parts((32, 32), 3)["batch"] >= 3 * 32 * 32 * (1 + 4 + 8)
    floats = trials(load("unet_same(width=4)", input=(1, 64, 64), classes=2), masks(dtype=torch.float32))
    added = floats.parts((32, 32), 3)["batch"] - tried.parts((32, 32), 3)["batch"]
    assert added == 3 * 32 * 32 * 3


def test_targets_are_cropped_as_the_output_of_valid_convolutions_is():
    tried = trials(load("unet(width=2)", input=(1, 188, 188), classes=2), masks(sizes=(188, 188)))
    assert tried.step((188, 188), 1).output == (1, 2, 4, 4)


def test_classes_need_no_grid():
    tried = trials(load("resnet20", input=(3, 8, 8), classes=10), labels())
    assert tried.step((8, 8), 5).output == (5, 10)


def test_an_accelerator_has_a_larger_reserve():
    net, data = load("unet_same(width=4)", input=(1, 64, 64), classes=2), masks()
    cpu, gpu = (trials(net, data, Setup(device=device)).parts((32, 32), 2) for device in ("cpu", "cuda"))
    assert gpu["reserve for kernels"] == cpu["reserve for kernels"] + ACCELERATOR


def test_the_optimizer_is_the_one_that_is_given():
    def plain(net):
        return torch.optim.SGD(net.parameters(), lr=0.1)

    net = load("resnet20", input=(3, 8, 8), classes=10)
    assert trials(net, labels(), Setup(optimizer=plain)).parts((8, 8), 2)["optimizer"] == 0


def test_a_step_is_recorded_once(monkeypatch):
    tried = trials(load("resnet20", input=(3, 8, 8), classes=10), labels())
    first = tried.step((8, 8), 2)
    monkeypatch.setattr("netwright.design.trials.record_step", None)
    assert tried.step((8, 8), 2) is first


def test_a_network_that_does_not_fit_the_loss_is_refused():
    net = nn.Sequential(nn.Flatten(), nn.Linear(192, 4), nn.Unflatten(1, (2, 2)))
    with pytest.raises(ShapeError, match="a step on 2 examples of 3x8x8 fails"):
        trials(net, labels()).step((8, 8), 2)
