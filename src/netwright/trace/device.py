"""Follow the device on which each tensor would lie, while the recorded run has all of them on one device.

A network that mixes devices is thus recognised on a machine without a GPU too. `meta` stands for a device
that is not known; it is compatible with every other.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils._device import _device_constructors

from netwright.trace.graph import TensorInfo
from netwright.trace.recorder import Recorder

MAKERS = _device_constructors()
"""Functions of torch that make a new tensor and take the argument `device`."""
_HERE = {"cpu", "meta"}
_MOVING = {"to", "cuda", "cpu"}
_LENIENT = frozenset(
    """
    to type type_as cpu cuda copy data getitem setitem index_put set expand_as view_as reshape_as broadcast_to
    pack_padded_sequence tensor_split ctc_loss
    """.split()  # noqa: SIM905  # reads better than a dozen quoted words
)
"""Functions that accept tensors of several devices: they move or index, or need only shapes or lengths."""
_COPY = 5
"""The number of arguments of `Tensor.to` when `copy` is given by position."""


class DeviceMixError(RuntimeError):
    """A function was given tensors that would lie on several devices, which torch would refuse."""


def asked(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
    """Return the device type that a call names, as `device="cuda"`, `x.to("cuda")` and `x.cuda()` do.

    >>> asked("zeros", (3,), {"device": "cuda:1"}), asked("to", (None, torch.float16), {})
    ('cuda', None)
    """
    if name not in _MOVING and (not kwargs or kwargs.get("device") is None):
        return None
    if name in {"cuda", "cpu"} and args and isinstance(args[0], Tensor):
        return name
    named = kwargs.get("device", args[1] if name == "to" and len(args) > 1 else None)
    if isinstance(named, torch.dtype | Tensor | bool | None):
        return None
    return torch.device(named).type


def brought_home(func: Any, args: Any, kwargs: Any, home: str, *, moves: bool) -> tuple[Any, Any, Any]:
    """Return the same call on the device of the run; a call that `moves` a tensor still copies it."""
    copies = {"copy": True} if moves and len(args) < _COPY else {}
    if func in {Tensor.cuda, Tensor.cpu}:
        return Tensor.to, (args[0], home), copies
    if kwargs.get("device") is not None:
        return func, args, {**kwargs, **(copies if func is Tensor.to else {}), "device": home}
    return func, (args[0], home, *args[2:]), {**kwargs, **copies}


def is_accelerator(device: str | None) -> bool:
    """Return whether it is a device that this machine may lack, and that no recorded run needs."""
    return device is not None and device not in _HERE


def mixed(given: Iterable[Tensor]) -> bool:
    """Return whether some of the tensors have data and others lie on the meta device."""
    return len({tensor.is_meta for tensor in given}) > 1


def leaves_meta(name: str, named: str | None, args: tuple[Any, ...]) -> bool:
    """Return whether a call would move a tensor without data to the CPU."""
    return named == "cpu" and name in {"cpu", "to"} and args[0].is_meta


def refuse(name: str, inputs: Iterable[TensorInfo]) -> None:
    """Raise where torch would, because the tensors lie on several devices; scalars may lie on any.

    Raises:
        DeviceMixError: two of the tensors lie on different devices.
    """
    first = None
    for info in inputs:
        if info.shape and info.device != "meta" and info.device != first:
            if first is not None and name not in _LENIENT:
                raise DeviceMixError(f"expected all tensors on one device, but got {first} and {info.device}")
            first = info.device


def of_result(
    func: Any, name: str, named: str | None, args: Any, recorder: Recorder, inputs: tuple[TensorInfo, ...]
) -> str | None:
    """Return the device of a result: the one that the call names, that of its data, or torch's default.

    The argument `device=x.device` names the device of the run, which says nothing if the network itself lies
    on another; the result is then `meta`.

    Args:
        func: the function that is called.
        name: the name of its op.
        named: the device that the call names, as `asked` returns it.
        args: its arguments by position.
        recorder: the record of the run.
        inputs: the tensors among its arguments.
    """
    if named == recorder.home:
        return named if set(recorder.devices.values()) <= {named} else "meta"
    if named is not None:
        return named
    if name in {"to", "type_as"} and len(args) > 1 and isinstance(args[1], Tensor):
        return recorder.info(args[1]).device
    for info in inputs:
        if info.shape:
            return info.device
    if inputs:
        return inputs[0].device
    return torch.get_default_device().type if func in MAKERS else None


def notes(recorder: Recorder) -> tuple[str, ...]:
    """Return notes on a network that lies on several devices, or whose forward pass asks for another."""
    own = {name: recorder.devices.get(identity, "meta") for identity, name in recorder.names.items()}
    home = " and ".join(sorted(set(own.values())))
    others = [
        f"`{name}` at {where} asks for {device}, but the network lies on {home}; `device=x.device` works on "
        "any device"
        for device, (name, where) in recorder.elsewhere.items()
        if own and device not in own.values()
    ]
    return (*_several(own), *others)


def _several(own: dict[str, str]) -> tuple[str, ...]:
    """Return a note if the parameters and buffers, given by name, lie on more than one device.

    >>> _several({"a.weight": "cpu", "a.bias": "cpu", "b.weight": "cuda"})[0][:73]
    'the network lies on 2 devices: cpu (`a.weight` and 1 more), cuda (`b.weig'
    """
    names: dict[str, list[str]] = {}
    for name, device in own.items():
        names.setdefault(device, []).append(name)
    if len(names) < 2:
        return ()
    parts = [
        f"{device} (`{tensors[0]}`{f' and {len(tensors) - 1} more' if len(tensors) > 1 else ''})"
        for device, tensors in names.items()
    ]
    return (
        f"the network lies on {len(names)} devices: {', '.join(parts)}; a real run fails where they meet, so "
        "move the whole network with `net.to(device)`",
    )
