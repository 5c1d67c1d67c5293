"""A run is repeated with data when it failed for lack of them, and not when the user's code refused."""

import importlib
import sys

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netwright.trace.graph import Graph
from netwright.trace.record import record

HELD = torch.ones(8)


@torch.library.custom_op("netwright_tests::twice", mutates_args=())
def twice(x: Tensor) -> Tensor:
    """An operator without a rule for its shapes."""
    return 2 * x


def wrapped(x: Tensor) -> Tensor:
    """A library that puts its own words around an error of torch."""
    try:
        return x * x.sum().item()
    except RuntimeError as error:
        raise ValueError("the scale is not a number") from error


NEEDS_DATA = {
    "item": lambda x: x * x.sum().item(),
    "condition": lambda x: x if x.sum() > 0 else -x,
    "index": lambda x: [x, -x][(x.sum() > 0).long()],
    "list": lambda x: x * len(x.tolist()),
    "array": lambda x: x + torch.from_numpy(x.detach().numpy()),
    "text": lambda x: x * len(f"{x.detach().sum():.2f}"),
    "storage": lambda x: x * x.untyped_storage()[0],
    "nonzero": lambda x: x[x.nonzero()[:, 0]],
    "mask": lambda x: x[x < x + 1],
    "unique": lambda x: torch.unique(x),
    "repeats": lambda x: x.repeat_interleave(torch.ones(8, dtype=torch.long), 1),
    "comparison": lambda x: x * torch.equal(x, x),
    "size": lambda x: torch.zeros(x.argmax() + 1) + x.sum(),
    "classes": lambda x: F.one_hot(x.long().abs()).float(),
    "packed": lambda x: nn.utils.rnn.pack_padded_sequence(x[None], torch.tensor([1])).data,
    "sections": lambda x: x.tensor_split(torch.tensor([2, 5]), 1)[0],
    "attribute": lambda x: x + HELD,
    "operator": lambda x: twice(x),
    "wrapped": wrapped,
}


def recorded(function) -> Graph:
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(8, 8)

        def forward(self, x: Tensor) -> Tensor:
            return function(self.layer(x))

    return record(Net(), (8,))


@pytest.mark.parametrize("name", NEEDS_DATA)
def test_a_network_that_needs_numbers_is_recorded_with_them(name: str):
    graph = recorded(NEEDS_DATA[name])
    assert graph.failure is None
    assert graph.mode in {"fake", "real"}


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("there is no storage for the meta data"),
        RuntimeError("Tensor.item() cannot be called on meta tensors"),
        ValueError("numpy arrays on the same device are not supported for this"),
        NotImplementedError("not implemented for fake news"),
        AssertionError("data-dependent"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_the_users_own_code_ends_the_recording_whatever_it_says(error: Exception):
    calls = []

    def refuse(x: Tensor) -> Tensor:
        calls.append(x)
        raise error

    graph = recorded(refuse)
    assert graph.mode == "meta"
    assert (graph.failure.error, graph.failure.message) == (type(error).__name__, str(error))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: F.linear(x, torch.zeros(3, 3)),
        lambda x: x.view(3, 3),
        lambda x: x.split([3, 3], 1)[0],
        lambda x: torch.cat([x, x[:, :3]]),
        lambda x: F.conv2d(x[None, None], torch.zeros(2, 3, 1, 1)),
        lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"),
        lambda x: nn.Module()(x),
        lambda x: x.reshape(7, -1).no_such_method(),
        lambda x: F.embedding(x, torch.zeros(3, 3)),
    ],
)
def test_a_mistake_in_shapes_is_reported_from_the_run_without_data(function):
    graph = recorded(function)
    assert graph.failure is not None
    assert graph.mode == "meta"


def test_an_extension_that_refuses_a_tensor_is_run_with_data(tmp_path, monkeypatch):
    """An extension in C leaves no frame of its own: the innermost one calls and does not raise."""
    (tmp_path / "extended.py").write_text(
        "from collections import deque\n"
        "def scale(x):\n"
        "    if not x.is_meta:\n"
        "        return x * 2\n"
        "    queue = deque([x])\n"
        "    steps = iter(queue)\n"
        "    queue.append(x)\n"
        "    return next(steps)\n"  # raises a RuntimeError in C
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "extended", raising=False)
    graph = recorded(importlib.import_module("extended").scale)
    assert (graph.failure, graph.mode) == (None, "fake")
