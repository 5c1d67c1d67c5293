"""The axes of space are found from the operation that reads the input first."""

import pytest
import torch
from torch import nn

from networks import Apply
from netwright.receptive.axes import space_axes
from netwright.trace.record import record


def axes(net, shape):
    graph = record(net, shape)
    return space_axes(graph, graph.inputs[0])


def channels_last(channels):
    return Apply("permute", lambda x: x.permute(0, 3, 1, 2)), nn.Conv2d(channels, 2, 1)


CASES = {
    "an image": (nn.Conv2d(3, 2, 3), (3, 8, 8), (2, 3)),
    "a volume": (nn.Conv3d(1, 2, 3), (1, 4, 4, 4), (2, 3, 4)),
    "a signal": (nn.Conv1d(2, 2, 3), (2, 8), (2,)),
    "a scaled signal": (nn.Sequential(Apply("scale", lambda x: x / 2), nn.Conv1d(2, 2, 3)), (2, 8), (2,)),
    "an image with channels last": (nn.Sequential(*channels_last(3)), (8, 8, 3), (1, 2)),
    "a sequence": (nn.Linear(4, 2), (6, 4), (1,)),
    "a sequence for a convolution": (
        nn.Sequential(Apply("turn", lambda x: x.transpose(1, 2)), nn.Conv1d(4, 2, 3)),
        (6, 4),
        (1,),
    ),
    "a recurrence": (nn.LSTM(4, 2, batch_first=True), (6, 4), (1,)),
    "features": (nn.Linear(4, 2), (4,), (1,)),
    "an image nobody reads by windows": (Apply("double", lambda x: x * 2), (3, 8, 8), (2, 3)),
}


@pytest.mark.parametrize(("net", "shape", "expected"), CASES.values(), ids=CASES)
def test_the_channel_axis_is_the_one_the_first_layer_mixes(net, shape, expected):
    assert axes(net, shape) == expected


def test_a_constant_of_the_same_shape_does_not_mislead():
    class Misleading(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(2, 2, 3, padding=1)

        def forward(self, x):
            return torch.zeros_like(x) + self.conv(x)

    assert axes(Misleading(), (2, 8)) == (2,)
