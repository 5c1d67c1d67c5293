"""Try whether a network runs on an input, without recording what it does."""

from typing import Any

from torch import Tensor, nn

from netwright.trace.clone import Cloner
from netwright.trace.collection import collecting_later
from netwright.trace.inputs import make_inputs
from netwright.trace.observe import deriving_shapes, unchanged_randomness
from netwright.trace.record import set_mode
from netwright.trace.usercode import UserCode


def runs(net: nn.Module, input: Any, *, batch: int = 1, training: bool | None = None) -> bool:
    """Return whether a clone of `net` runs on tensors without data.

    It takes a third of the time of `netwright.trace.record.record`, which can tell more: where this returns
    False, the network may only need numbers, or make tensors on a device of its own.

    Args:
        net: any module; it stays untouched.
        input: as for `record`.
        batch: the number of examples in tensors that are made from shapes.
        training: whether to run in training or in evaluation mode; by default, in the mode it is in.

    >>> down = nn.Conv2d(3, 4, 3, stride=2)
    >>> runs(down, (3, 8, 8)), runs(down, (3, 2, 2))
    (True, False)
    """
    with unchanged_randomness(), collecting_later():
        clone = Cloner(_emptied).module(net)
        if training is not None:
            set_mode(clone, training)
        given = make_inputs(clone, input, batch, _emptied)
        with UserCode() as caught, deriving_shapes():
            clone(*given.args, **given.kwargs)
        caught.forget()
    return caught.error is None


def _emptied(tensor: Tensor) -> Tensor:
    return tensor.to("meta")
