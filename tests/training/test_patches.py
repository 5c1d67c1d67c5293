"""Batches of windows hold what slices of the stored arrays hold, and evaluation meets every position once."""

import numpy as np
import pytest
import torch
from torch import nn

from cells import data
from netwright.data.examples import Data, Split
from netwright.data.kinds import IGNORE, Kind, class_indices
from netwright.errors import DataError
from netwright.spec import load
from netwright.training.patches import Cut, Patches
from netwright.training.units import Units

CPU = torch.device("cpu")
TYPES = [torch.uint8, torch.uint16, torch.int16, torch.float32]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NETWRIGHT_CACHE", str(tmp_path))


def same(inputs, targets):
    return inputs, targets


def patches(known=None, patch=(16, 16), augment=same, **options):
    known = known or data()
    options = {"batch": 4, "net": nn.Conv2d(1, 3, 3, padding=1)} | options
    return Patches(known, augment, patch=patch, units=Units(known, CPU, torch.float32), **options)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_batches_are_the_slices_that_the_windows_name(dims, dtype):
    known = data(dims=dims, dtype=dtype)
    loader = patches(known, (24,) * dims, net=pointwise(dims))
    drawn = loader.windows.epoch(2, 1)
    for (examples, corners), (inputs, targets) in zip(drawn, loader.train(2, 1), strict=True):
        assert inputs.shape == (4, 1, *(24,) * dims)
        assert inputs.dtype == torch.float32
        for place, (number, corner) in enumerate(zip(examples.tolist(), corners.tolist(), strict=True)):
            image, mask = known.train.inputs[number], known.train.targets[Kind.MASK][number]
            spare = [(24, 24)] * dims
            scaled = (image.double() - known.range[0]) / (known.range[1] - known.range[0])
            normal = np.pad((scaled - 0.2) / 0.15, [(0, 0), *spare])
            classes = np.pad(class_indices(mask, known.values, known.ignore), spare, constant_values=IGNORE)
            window = tuple(slice(start + 24, start + 48) for start in corner)
            tolerance = 0.02 if dtype in (torch.uint8, torch.int16) else 1e-4  # the mean colour is rounded
            assert np.allclose(inputs[place], normal[(slice(None), *window)], atol=tolerance)
            assert np.array_equal(targets[Kind.MASK][place], classes[window])


def pointwise(dims):
    return {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}[dims](1, 3, 3, padding=1)


def test_augmentation_sees_bytes_and_class_indices():
    seen = []

    def augment(inputs, targets):
        seen.append((inputs.dtype, targets[Kind.MASK].dtype, int(targets[Kind.MASK].max())))
        return inputs, targets

    list(patches(augment=augment).train(0, 0))
    assert {kinds[:2] for kinds in seen} == {(torch.uint8, torch.int64)}
    assert max(top for *_, top in seen) == 2


def test_an_epoch_is_resumed_where_it_was_left_and_shared_between_processes():
    whole = list(patches().train(5, 3))
    rest = list(patches().train(5, 3, skip=2))
    assert len(rest) == len(whole) - 2
    assert all(torch.equal(a[0], b[0]) for a, b in zip(whole[2:], rest, strict=True))
    halves = [patches(share=(rank, 2)) for rank in (0, 1)]
    assert {half.share for half in halves} == {2}
    for (inputs, _), first, second in zip(whole, *(half.train(5, 3) for half in halves), strict=True):
        assert torch.equal(inputs[0::2], first[0])
        assert torch.equal(inputs[1::2], second[0])


NETS = {
    1: "unet_same(width=4, depth=1, dims=1, channels=1, classes=3)",
    2: "unet_same(width=4, depth=2, channels=1, classes=3)",
    3: "unet_same(width=4, depth=1, dims=3, channels=1, classes=3)",
}


@pytest.mark.parametrize("patch", [(16,), (30, 32), (20, 20, 20)], ids=["1-D", "2-D", "3-D"])
def test_tiles_of_an_evaluation_give_what_whole_examples_give(patch):
    torch.manual_seed(0)
    dims = len(patch)
    net = load(NETS[dims]).eval()
    known = data(dims=dims, smallest=70 if dims < 3 else 40, largest=100 if dims < 3 else 60)
    loader = patches(known, patch, net=net, batch=1)
    outputs = {number: [] for number in range(3)}
    weights = torch.zeros(3)
    with torch.no_grad():
        for part in loader.evaluate("valid"):
            output = part.tile.part(net(part.inputs))
            assert part.targets[Kind.MASK].shape[1:] == part.inputs.shape[2:]
            for place, number in enumerate(part.numbers):
                weights[number] += part.weight / len(part.numbers)
                outputs[number].append((part.tile.place, output[place]))
        for number, image in enumerate(known.valid.inputs):
            expected = net(loader.units.normalised(loader.units(image[None])))[0]
            result = torch.full_like(expected, torch.nan)
            for place, part in outputs[number]:
                result[(slice(None), *place)] = part
            assert (result - expected).abs().max() < 1e-5 * expected.abs().max()
    assert weights.tolist() == pytest.approx([1, 1, 1])
    assert sum(map(len, outputs.values())) > 3


def test_small_examples_are_padded_to_a_window_and_count_as_ignored_there():
    known = data(smallest=10, largest=15)
    loader = patches(known, (16, 24))
    for part in loader.evaluate("test"):
        assert part.inputs.shape[2:] == (16, 24)
        sides = known.test.inputs[part.numbers[0]].shape[1:]
        assert (part.targets[Kind.MASK][0, sides[0] :] == IGNORE).all()
        assert part.inputs[0, 0, :, sides[1] :].abs().max() < 0.02


def test_examples_of_one_size_are_evaluated_together():
    known = data(count=2)
    split = Split(torch.zeros(12, 1, 20, 20, dtype=torch.uint8), {Kind.MASK: torch.zeros(12, 20, 20).byte()})
    uniform = Data("zeros", known.classes, split, split, split, (0.2,), (0.1,), "zeros")
    batches = list(patches(uniform).evaluate("valid"))
    assert [list(part.numbers) for part in batches] == [list(range(10)), [10, 11]]
    assert all(len(part.inputs) == len(part.numbers) for part in batches)
    assert sum(part.weight for part in batches) == 12


class Multiples(nn.Module):
    """A network that reads multiples of 16 alone."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3, padding=1)

    def forward(self, x):
        if any(side % 16 for side in x.shape[2:]):
            raise RuntimeError("multiples of 16")
        return self.conv(x)


def test_a_network_that_reads_some_sizes_alone_is_evaluated_by_windows():
    known = data(smallest=37, largest=45)
    loader = patches(known, (32, 32), net=Multiples())
    covered = torch.zeros(known.valid.inputs[0].shape[1:])
    for part in loader.evaluate("valid"):
        assert part.inputs.shape[2:] == (32, 32)
        if 0 in part.numbers:
            covered[part.tile.place] += 1
    assert (covered == 1).all()


def test_an_output_without_space_is_evaluated_at_the_centre():
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    known = data(smallest=37, largest=45)
    for part in patches(known, (32, 32), net=net).evaluate("valid"):
        assert part.tile is None
        image = known.valid.inputs[part.numbers[0]].double() / 255
        top, left = ((side - 32) // 2 for side in image.shape[1:])
        expected = (image[:, top : top + 32, left : left + 32] - 0.2) / 0.15
        assert torch.allclose(part.inputs[0].double(), expected, atol=1e-4)


def test_only_the_window_of_a_memory_map_is_copied(tmp_path):
    values = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.float32, (1, 60, 50))
    values[:] = np.arange(3000).reshape(1, 60, 50)
    mapped = torch.from_numpy(np.load(tmp_path / "x.npy", mmap_mode="c"))
    known = Data("map", ("a",), *[Split((mapped,), {})] * 3, (0.0,), (1.0,), "map", range=(0.0, 1.0))
    inputs, targets = Cut(known)(known.train, torch.tensor([0]), torch.tensor([[10, 20]]), (4, 5))
    assert torch.equal(inputs[0], torch.from_numpy(values[:, 10:14, 20:25].copy()))
    assert targets == {}


def test_other_targets_move_with_their_window():
    inputs = (torch.zeros(1, 30, 30, dtype=torch.uint8),)
    points = torch.tensor([[[12.5, 20.0], [2.0, 20.0], [torch.nan, torch.nan]]])
    targets = {
        Kind.POINTS: points,
        Kind.INSTANCES: (torch.arange(900).reshape(30, 30),),
        Kind.IMAGE: (torch.full((1, 30, 30), 50, dtype=torch.uint8),),
        Kind.CLASS: torch.tensor([4]),
    }
    split = Split(inputs, targets)
    known = Data("all", ("a",), split, split, split, (0.2,), (1.0,), "all")
    _, cut = Cut(known)(split, torch.tensor([0]), torch.tensor([[10, 18]]), (8, 14))
    assert cut[Kind.POINTS][0, 0].tolist() == [2.5, 2.0]
    assert cut[Kind.POINTS][0, 1:].isnan().all()
    assert cut[Kind.INSTANCES][0, :, :12].tolist() == targets[Kind.INSTANCES][0][10:18, 18:].tolist()
    assert (cut[Kind.INSTANCES][0, :, 12:] == 0).all()
    assert set(cut[Kind.IMAGE][0, 0, 0].tolist()) == {50, 51}  # the mean colour outside
    assert cut[Kind.CLASS].tolist() == [4]


def test_boxes_cannot_be_cut_yet():
    split = Split((torch.zeros(1, 9, 9),), {Kind.BOXES: (torch.zeros(1, 5),)})
    known = Data("boxes", ("a",), split, split, split, (0.0,), (1.0,), "boxes")
    with pytest.raises(DataError, match="targets of the kind boxes cannot be cut into windows"):
        Cut(known)(split, torch.tensor([0]), torch.tensor([[0, 0]]), (4, 4))
