"""A recorded pass in evaluation has the peak that the allocator has in a real one."""

import pytest
import torch
from torch import nn

from allocated import most
from netwright.errors import ShapeError
from netwright.spec import load
from netwright.trace.forward import record_forward

NETS = [
    ("unet_same(width=8, channels=1)", (1, 1, 96, 128)),
    ("unet(width=8, channels=1)", (2, 1, 188, 188)),
    ("unet_same(width=4, depth=2, dims=3, channels=1)", (1, 1, 24, 32, 40)),
    ("unet_same(width=4, depth=2, dims=1, channels=1)", (1, 1, 4000)),
]


@pytest.mark.parametrize(("spec", "batch"), NETS, ids=[spec.split("(")[0] for spec, _ in NETS])
def test_the_peak_is_that_of_the_allocator(spec, batch):
    net = load(spec).eval()

    def run():
        stored = torch.zeros(batch, dtype=torch.uint8)
        inputs = torch.zeros(batch)
        with torch.no_grad():
            net(inputs).max(1)
        return stored

    recorded = record_forward(net, batch, stored=torch.uint8, then=lambda output: output.max(1))
    peak = most(run) + recorded.weights
    assert recorded.mode == "fake"
    assert peak <= recorded.bound <= 1.2 * peak
    assert recorded.peak <= recorded.bound


def test_nothing_is_kept_for_a_backward_pass():
    """Of two equal layers only one input and one output are alive at any time."""
    net = nn.Sequential(*[nn.Sigmoid() for _ in range(9)])
    kept = 1000 * 4  # the stored and the normalised input, which the caller holds
    assert record_forward(net, (1, 1000)).peak == 2 * kept + 2 * 1000 * 4


def test_weights_and_values_have_the_number_format_of_the_training():
    net = nn.Linear(100, 100, bias=False)
    single, double = (record_forward(net, (7, 100), precision=each) for each in ("32-true", "64-true"))
    assert (single.weights, double.weights) == (40_000, 80_000)
    assert net.weight.dtype == torch.float32


def test_a_network_that_looks_at_values_is_run():
    class Looks(nn.Module):
        def forward(self, x):
            return x * 2 if x.sum().item() > 1 else x

    assert record_forward(Looks(), (1, 50)).mode == "real"


def test_a_batch_that_the_network_cannot_read_is_refused():
    with pytest.raises(ShapeError, match="a pass over 1x2x8x8 fails"):
        record_forward(nn.Conv2d(1, 1, 3), (1, 2, 8, 8))
