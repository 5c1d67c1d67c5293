"""Make the inputs of a recorded run: shapes become tensors with a batch, tensors are taken as they are."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from netwright.arithmetic.shape import parse
from netwright.errors import ShapeError

_WITHOUT = frozenset({type(None), bool, int, float, str, torch.dtype, torch.device, torch.Size})
"""Types whose values hold no tensor."""
_SEQUENCES = (list, tuple, set)
_MAPPINGS = (dict, Mapping)
_WHOLE = (nn.Module, type)


@dataclass(frozen=True)
class Input:
    """The description of one input: its shape without the batch, and its dtype if it is not the network's."""

    shape: tuple[int, ...]
    dtype: torch.dtype | None = None


@dataclass(frozen=True)
class Inputs:
    """The arguments of the recorded call, and the number of examples in them."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    batch: int

    @property
    def tensors(self) -> list[Tensor]:
        """Return every tensor among the arguments, in order."""
        return tensors((self.args, self.kwargs))


def tensors(value: Any) -> list[Tensor]:
    """Return every tensor in any nesting of tuples, lists, dicts and objects with attributes, in order."""
    gathered: list[Tensor] = []
    _gather(value, gathered)
    return gathered


def _gather(value: Any, gathered: list[Tensor]) -> None:
    """Append the tensors of a value; this runs for every argument of every function that is recorded."""
    if type(value) in _WITHOUT:
        return
    if isinstance(value, Tensor):
        gathered.append(value)
        return
    for item in _parts(value):
        _gather(item, gathered)


def _parts(value: Any) -> Collection[Any]:
    """Return what a container holds, or the attributes of an object."""
    if isinstance(value, _SEQUENCES):
        return value
    if isinstance(value, _MAPPINGS):
        return value.values()
    return vars(value).values() if hasattr(value, "__dict__") and not isinstance(value, _WHOLE) else ()


def make_inputs(net: nn.Module, input: Any, batch: int, convert: Callable[[Tensor], Tensor]) -> Inputs:
    """Return the arguments of the call for what the user gave as input.

    Args:
        net: the network, whose dtype floating-point inputs take.
        input: a shape such as (3, 32, 32) or an `Input`; several of them in a list or tuple; a dict of them
            by parameter name. Tensors have their batch already; any other value is passed on as it is.
        batch: the number of examples in tensors that are made from shapes.
        convert: makes the tensor of the run from one that was described or given.
    """
    if not isinstance(batch, int) or batch < 1:
        raise ShapeError(f"`batch` (={batch}) must be a positive number of examples.")
    dtype = next((p.dtype for p in net.parameters() if p.is_floating_point()), torch.get_default_dtype())

    args, kwargs = _call(_made(input, batch, dtype, convert), input)
    return Inputs(args, kwargs, _batch((args, kwargs), batch, given=bool(tensors(input))))


def _call(made: Any, input: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the positional and the named arguments of the call."""
    if isinstance(input, Mapping):
        return (), made
    if isinstance(input, list | tuple) and not is_shape(input):
        return tuple(made), {}
    return (made,), {}


def _made(value: Any, batch: int, dtype: torch.dtype, convert: Callable[[Tensor], Tensor]) -> Any:
    """Replace shapes and descriptions in the input by tensors."""
    again = partial(_made, batch=batch, dtype=dtype, convert=convert)
    if isinstance(value, Tensor):
        return convert(value.detach()).requires_grad_(value.requires_grad)
    if isinstance(value, Input):
        return _tensor((batch, *value.shape), value.dtype or dtype, convert)
    if is_shape(value):
        return _tensor((batch, *value), dtype, convert)
    if isinstance(value, list | tuple):
        return tuple(again(item) for item in value)
    if isinstance(value, Mapping):
        return {key: again(item) for key, item in value.items()}
    return value


def is_shape(value: Any) -> bool:
    """Return whether a value is a tuple, list or `torch.Size` of positive whole numbers.

    >>> is_shape((3, 32, 32)), is_shape([(3, 32, 32), (10,)]), is_shape(())
    (True, False, False)
    """
    return (
        isinstance(value, list | tuple)
        and len(value) > 0
        and all(isinstance(size, int) and not isinstance(size, bool) and size > 0 for size in value)
    )


def _tensor(shape: tuple[int, ...], dtype: torch.dtype, convert: Callable[[Tensor], Tensor]) -> Tensor:
    return convert(torch.empty(shape, dtype=dtype, device="meta"))


def _batch(value: Any, batch: int, *, given: bool) -> int:
    """Return the batch of the tensors that the caller gave, or else `batch`."""
    if not given:
        return batch
    return next((tensor.shape[0] for tensor in tensors(value) if tensor.ndim), 1)


def parse_input(text: str) -> Input:
    """Read the text of one input, such as `3x32x32`, or `128:int64` with a dtype.

    >>> parse_input("128:int64")
    Input(shape=(128,), dtype=torch.int64)
    """
    shape, colon, name = text.strip().partition(":")
    dtype = getattr(torch, name) if colon and name in _DTYPES else None
    if colon and dtype is None:
        known = ", ".join(sorted(_DTYPES))
        raise ShapeError(f"`{text}` is not an input: the dtype after the colon must be one of {known}.")
    return Input(parse(shape), dtype)


def parse_inputs(texts: Sequence[str]) -> tuple[Input, ...] | dict[str, Input]:
    """Read the texts of several inputs, in the order of the call or by the names of its parameters.

    >>> parse_inputs(["3x8x8", "10"])
    (Input(shape=(3, 8, 8), dtype=None), Input(shape=(10,), dtype=None))
    >>> parse_inputs(["image=3x8x8", "words=10:int64"])["words"]
    Input(shape=(10,), dtype=torch.int64)

    Raises:
        ShapeError: a text is not an input, or some texts have names and others do not.
    """
    named = [text.partition("=") for text in texts]
    if not any(equals for _, equals, _ in named):
        return tuple(parse_input(text) for text in texts)
    bare = [text for text, equals, _ in named if not equals]
    if bare:
        raise ShapeError(
            f"`{bare[0]}` has no name, but other inputs have one: write NAME={bare[0]}, or give no names."
        )
    return {name.strip(): parse_input(text) for name, _, text in named}


def single_shape(input: Any) -> tuple[int, ...]:
    """Return the shape of an input that is a single one of the network's own dtype, or else `()`.

    >>> single_shape((3, 8, 8)), single_shape([Input((10,))])
    ((3, 8, 8), (10,))
    >>> single_shape([(3, 8, 8), (10,)]), single_shape(Input((10,), torch.int64))
    ((), ())
    """
    if is_shape(input):
        return tuple(input)
    if isinstance(input, list | tuple) and len(input) == 1:
        return single_shape(input[0])
    return input.shape if isinstance(input, Input) and input.dtype is None else ()


_DTYPES = {
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64",
    "complex64",
}  # fmt: skip
