"""Where tensors would lie, while in the recorded run all of them lie on one device.

So a machine without a GPU still sees a network that mixes devices. `meta` stands for a device that is not
known and goes with every other.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils._device import _device_constructors

from netwright.trace.graph import TensorInfo
from netwright.trace.recorder import Recorder

MAKERS = _device_constructors()
"""Functions of torch that make a tensor from nothing, on the device they are told."""
_HERE = {"cpu", "meta"}
_MOVING = {"to", "cuda", "cpu"}
_LENIENT = frozenset(
    """
    to type type_as cpu cuda copy data getitem setitem index_put set expand_as view_as reshape_as broadcast_to
    pack_padded_sequence tensor_split ctc_loss
    """.split()  # noqa: SIM905  # reads better than a dozen quoted words
)
"""Functions that take tensors of several devices: they move, index or measure on the CPU, or read shapes."""
_COPY = 5
"""Arguments of `Tensor.to` when `copy` is among them by its place."""


class DeviceMixError(RuntimeError):
    """A function was given tensors that would lie on several devices; torch would refuse them."""


def asked(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
    """The type of the device that a call names: `device="cuda"`, `x.to("cuda")`, `x.cuda()`; else None.

    >>> asked("zeros", (3,), {"device": "cuda:1"}), asked("to", (None, torch.float16), {})
    ('cuda', None)
    """
    if name not in _MOVING and kwargs.get("device") is None:
        return None
    if name in {"cuda", "cpu"} and args and isinstance(args[0], Tensor):
        return name
    named = kwargs.get("device", args[1] if name == "to" and len(args) > 1 else None)
    if isinstance(named, torch.dtype | Tensor | bool | None):
        return None
    return torch.device(named).type


def brought_home(func: Any, args: Any, kwargs: Any, home: str, *, moves: bool) -> tuple[Any, Any, Any]:
    """The same call on the device of the run; what `moves` is copied, as the original stays where it is."""
    copies = {"copy": True} if moves and len(args) < _COPY else {}
    if func in {Tensor.cuda, Tensor.cpu}:
        return Tensor.to, (args[0], home), copies
    if kwargs.get("device") is not None:
        return func, args, {**kwargs, **(copies if func is Tensor.to else {}), "device": home}
    return func, (args[0], home, *args[2:]), {**kwargs, **copies}


def is_accelerator(device: str | None) -> bool:
    """Whether it is a device that this machine may lack, and that no recorded run needs."""
    return device is not None and device not in _HERE


def mixed(given: Iterable[Tensor]) -> bool:
    """Return whether some of the tensors have data and others lie on the meta device."""
    return len({tensor.is_meta for tensor in given}) > 1


def leaves_meta(name: str, named: str | None, args: tuple[Any, ...]) -> bool:
    """Whether a call would bring a tensor without data to the CPU."""
    return named == "cpu" and name in {"cpu", "to"} and args[0].is_meta


def refuse(name: str, inputs: Iterable[TensorInfo]) -> None:
    """Raise where torch would, because its tensors lie on several devices; single numbers go with all.

    Raises:
        DeviceMixError: naming the devices.
    """
    first = None
    for info in inputs:
        if info.shape and info.device != "meta" and info.device != first:
            if first is not None and name not in _LENIENT:
                raise DeviceMixError(f"tensors on one device expected, found {first} and {info.device}")
            first = info.device


def of_result(
    func: Any, name: str, args: Any, kwargs: Any, recorder: Recorder, inputs: tuple[TensorInfo, ...]
) -> str | None:
    """The device of what a function yields: the one named, that of its data, or torch's default.

    `device=x.device` names that of the run, which tells nothing where the network lies elsewhere.
    """
    named = asked(name, args, kwargs)
    if named == recorder.home:
        return named if set(recorder.devices.values()) <= {named} else "meta"
    if named is not None:
        return named
    if name in {"to", "type_as"} and len(args) > 1 and isinstance(args[1], Tensor):
        return recorder.info(args[1]).device
    data = next((info for info in inputs if info.shape), inputs[0] if inputs else None)
    if data is not None:
        return data.device
    return torch.get_default_device().type if func in MAKERS else None


def notes(recorder: Recorder) -> tuple[str, ...]:
    """What to say of a network on several devices, and of devices that only its forward pass names."""
    own = {name: recorder.devices.get(identity, "meta") for identity, name in recorder.names.items()}
    home = " and ".join(sorted(set(own.values())))
    lacking = [
        f"`{name}` at {where} asks for {device}, while the network lies on {home}: `device=x.device` works "
        "anywhere"
        for device, (name, where) in recorder.elsewhere.items()
        if own and device not in own.values()
    ]
    return (*_several(own), *lacking)


def _several(own: dict[str, str]) -> tuple[str, ...]:
    """A network whose parameters and buffers, by name, lie on more than one device.

    >>> _several({"a.weight": "cpu", "a.bias": "cpu", "b.weight": "cuda"})[0][:73]
    'the network lies on 2 devices: cpu (`a.weight` and 1 more), cuda (`b.weig'
    """
    names: dict[str, list[str]] = {}
    for name, device in own.items():
        names.setdefault(device, []).append(name)
    if len(names) < 2:
        return ()
    parts = [
        f"{device} (`{found[0]}`{f' and {len(found) - 1} more' if len(found) > 1 else ''})"
        for device, found in names.items()
    ]
    return (
        f"the network lies on {len(names)} devices: {', '.join(parts)}; a real run fails where they meet: "
        "move it as a whole, `net.to(device)`",
    )
