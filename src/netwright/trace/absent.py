"""Build a network that names a GPU on a machine without one: its tensors stay on the CPU."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode, _get_current_function_mode_stack
from torch.utils._device import DeviceContext

from netwright.trace.device import MAKERS, asked, brought_home, is_accelerator

_FILLING = {
    nn.init.uniform_,
    nn.init.normal_,
    nn.init.constant_,
    nn.init.kaiming_uniform_,
    Tensor.zero_,
    Tensor.fill_,
}
"""Functions that only give values to a tensor, their first argument; torch lets a mode replace them."""


class AbsentDevices(TorchFunctionMode):
    """Within the body, tensors that would go to an accelerator that this machine lacks stay on the CPU.

    A tensor on the meta device has no values, so it is not filled either: torch would import its compiler to
    draw random numbers there.

    >>> with AbsentDevices():
    ...     torch.zeros(2, device="cuda").cuda().shape
    torch.Size([2])
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Call a function of torch, with the CPU in the place of a device that is absent."""
        args, kwargs = tuple(args), dict(kwargs or {})
        if func in _FILLING:
            tensor = args[0] if args else kwargs["tensor"]
            if tensor.is_meta:
                return tensor
        name = getattr(func, "__name__", "")
        if _absent(asked(name, args, kwargs)):
            func, args, kwargs = brought_home(func, args, kwargs, "cpu", moves=False)
        elif func in MAKERS and kwargs.get("device") is None and _absent(_default()):
            kwargs["device"] = "cpu"
        return func(*args, **kwargs)


def _default() -> str | None:
    """Return the device of `torch.set_default_device`; `torch.get_default_device` would try to use it."""
    contexts = [mode for mode in _get_current_function_mode_stack() if isinstance(mode, DeviceContext)]
    return contexts[-1].device.type if contexts else None


def _absent(device: str | None) -> bool:
    if not is_accelerator(device):
        return False
    present = torch.accelerator.current_accelerator(check_available=True)
    return device != (present.type if present else None)
