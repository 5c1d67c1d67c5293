"""Bind the arguments of a torch function by name, in the form that `netwright.trace.graph` documents."""

from collections.abc import Callable
from functools import cache
from inspect import Parameter, signature
from types import FunctionType
from typing import Any

import torch
from torch import Tensor

Names = tuple[tuple[str, Any], ...]
"""The name and the default of every parameter, in order."""

_MAX_POOL: Names = (
    ("input", None), ("kernel_size", None), ("stride", None), ("padding", 0), ("dilation", 1),
    ("ceil_mode", False), ("return_indices", False),
)  # fmt: skip
_ADAPTIVE_MAX_POOL: Names = (("input", None), ("output_size", None), ("return_indices", False))
_GETITEM: Names = (("self", None), ("index", None))
_SETITEM: Names = (*_GETITEM, ("value", None))
_PLAIN = frozenset({type(None), bool, int, float, str})
_NAMED = frozenset({torch.dtype, torch.device, torch.memory_format, torch.layout})
_SEQUENCES = (list, tuple)
_LISTS = {"size", "shape", "dims", "repeats", "dim", "sizes"}
_DIMS = {"dim", "dims", "dim0", "dim1", "start_dim", "end_dim", "dimension", "source", "destination"}
_WIDENED = {"unsqueeze", "stack"}
_RESIZING = {"fold", "unfold", "interpolate", "upsample"}
_WINDOW = ("kernel_size", "stride", "dilation", "output_padding")


def bind(func: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments by name with defaults; arguments without a name are called `arg0`, `arg1`, …"""
    if name == "einsum" and isinstance(args[0], str):
        return {"equation": args[0], "operands": args[1] if isinstance(args[1], list | tuple) else args[1:]}
    kinds = tuple([_kind(arg) for arg in args])
    names, packed = _names(func, name, kinds, tuple(kwargs))
    if packed and len(args) > 1 and isinstance(args[1], int | Tensor) and not isinstance(args[1], bool):
        args = (args[0], args[1:])
    bound = dict(names)
    for index, value in enumerate(args):
        bound[names[index][0] if index < len(names) else f"arg{index}"] = value
    bound.update(kwargs)
    return bound


@cache
def _names(func: Any, name: str, kinds: tuple[str, ...], given: tuple[str, ...]) -> tuple[Names, bool]:
    """Return the parameters with defaults, and whether the second takes numbers one by one: `view(2, 3)`."""
    if name in {"getitem", "setitem"}:
        return (_GETITEM if name == "getitem" else _SETITEM), False
    if name.startswith("max_pool") and isinstance(func, FunctionType):
        return _MAX_POOL, False
    if name.startswith("adaptive_max_pool") and isinstance(func, FunctionType):
        return _ADAPTIVE_MAX_POOL, False
    if isinstance(func, FunctionType) and (written := _signature(func)):
        return written
    for schema in _schemas(func, name):
        names = tuple((a.name, a.default_value) for a in schema.arguments)
        types = [str(a.type) for a in schema.arguments]
        packed = len(types) > 1 and types[1].startswith("List[int") and schema.arguments[1].name in _LISTS
        if _fits(types, [n for n, _ in names], kinds, given, packed):
            return names, packed
    return (("self", None),) if kinds and kinds[0] == "tensor" else (), False


def _signature(func: FunctionType) -> tuple[Names, bool] | None:
    """Return the parameters of a Python function, or None where it has no signature."""
    try:
        parameters = signature(func).parameters.values()
    except ValueError:
        return None
    plain = [p for p in parameters if p.kind in {Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY}]
    names = tuple((p.name, None if p.default is p.empty else p.default) for p in plain)
    return names, len(plain) < len(parameters)


def _schemas(func: Any, name: str) -> list[Any]:
    written = name if func.__name__.startswith("__") else func.__name__
    schemas = torch._C._jit_get_schemas_for_operator(f"aten::{written}")
    schemas = schemas or torch._C._jit_get_schemas_for_operator(f"aten::{name}")
    return [schema for schema in schemas if "out" not in schema.overload_name]


def _fits(
    types: list[str], names: list[str], kinds: tuple[str, ...], given: tuple[str, ...], packed: bool
) -> bool:
    if not set(given) - {"dtype", "device", "memory_format", "out"} <= set(names):
        return False
    if packed:
        return True
    if len(kinds) > len(types):
        return False
    return all(_takes(types[i], names[i], kind) for i, kind in enumerate(kinds))


def _kind(value: Any) -> str:
    kind = type(value)
    if kind in _PLAIN:
        return "other"
    if isinstance(value, Tensor):
        return "tensor"
    if isinstance(value, _SEQUENCES):
        return "list"
    return "dtype" if kind is torch.dtype else "other"


def _takes(written: str, name: str, kind: str) -> bool:
    """Return whether a parameter of the schema accepts a value of that kind."""
    if kind == "tensor":
        return "Tensor" in written
    if kind == "list":
        return "List" in written
    return (name == "dtype") == (kind == "dtype") and "List[Tensor" not in written


def freeze(value: Any, info: Callable[[Tensor], Any]) -> Any:
    """Replace tensors by their `info`, lists by tuples, and dtypes and devices by their names."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, Tensor):
        return info(value)
    if isinstance(value, _SEQUENCES):
        return tuple([item if type(item) in _PLAIN else freeze(item, info) for item in value])
    if isinstance(value, dict):
        return {key: item if type(item) in _PLAIN else freeze(item, info) for key, item in value.items()}
    if kind is slice:
        return slice(freeze(value.start, info), freeze(value.stop, info), freeze(value.step, info))
    return str(value).removeprefix("torch.") if kind in _NAMED else value


def normalise(name: str, bound: dict[str, Any], sizes: tuple[int, ...] | None, rank: int) -> None:
    """Bring the arguments for windows, sizes and axes into one form, in place.

    Args:
        name: the name of the op.
        bound: the arguments by name, as `freeze` returns them.
        sizes: the shape of the first output, or None where the op failed.
        rank: the number of axes of the first input.
    """
    plain = name.removesuffix("_with_indices")
    if (plain[-1:] == "d" and plain[-2:-1].isdigit()) or plain in _RESIZING:
        _window(plain, bound, sizes)
    if name in {"getitem", "setitem"} and not isinstance(bound["index"], tuple):
        bound["index"] = (bound["index"],)
    for key in [key for key in bound if key[:1] == "_"]:
        del bound[key]
    for key in _DIMS.intersection(bound):
        bound[key] = _positive(bound[key], rank + 1 if name in _WIDENED else rank)
    if name == "transpose" and "arg1" in bound:
        bound["dim0"], bound["dim1"] = bound.pop("arg1"), bound.pop("arg2")


def _positive(dim: Any, rank: int) -> Any:
    if isinstance(dim, tuple):
        return tuple(_positive(item, rank) for item in dim)
    if isinstance(dim, int) and not isinstance(dim, bool) and dim < 0:
        return dim + max(rank, 1)
    return dim


def _window(name: str, bound: dict[str, Any], sizes: tuple[int, ...] | None) -> None:
    axes = int(name[-2]) if name[-2].isdigit() else 2
    if name in {"interpolate", "upsample"}:
        axes = len(sizes) - 2 if sizes else 0
        scale = bound.get("scale_factor")
        bound["scale_factor"] = None if scale is None else _per_axis(scale, axes)
        bound["size"] = tuple(sizes[2:]) if sizes else bound.get("size")
        return
    if name.startswith("adaptive"):
        bound["output_size"] = tuple(sizes[-axes:]) if sizes else bound.get("output_size")
        return
    if "kernel_size" in bound and not bound.get("stride") and "pool" in name:
        bound["stride"] = bound["kernel_size"]
    if "pool" in name:
        bound.setdefault("dilation", 1)
        bound.setdefault("padding", 0)
    for key in _WINDOW:
        if bound.get(key) is not None:
            bound[key] = _per_axis(bound[key], axes)
    if "padding" in bound and "_pad" not in name:
        bound["padding"] = _pairs(bound, axes)


def _per_axis(value: Any, axes: int) -> tuple[Any, ...]:
    value = value if isinstance(value, tuple) else (value,)
    return value * axes if len(value) == 1 else value


def _pairs(bound: dict[str, Any], axes: int) -> tuple[tuple[int, int], ...]:
    padding = bound["padding"]
    if padding == "valid":
        return ((0, 0),) * axes
    if padding == "same":
        kernel = bound["weight"].shape[2:]
        totals = [d * (k - 1) for d, k in zip(bound["dilation"], kernel, strict=True)]
        return tuple((total // 2, total - total // 2) for total in totals)
    return tuple((p, p) for p in _per_axis(padding, axes))
