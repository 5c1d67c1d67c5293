"""A copy of a module to run instead of it: its tensors on the meta device, no data copied, nothing shared.

The caller's module is never run, moved or switched. Everything Python can copy is copied (lists a forward
pass appends to, modules hidden in them, bound methods), so that the recorded run leaves no trace in it.
"""

import copy
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from types import FunctionType, MethodType
from typing import Any

import torch
from torch import Tensor, nn

_ATOMS = (type(None), bool, int, float, complex, str, bytes, type, FunctionType, torch.dtype, torch.device,
    torch.jit.ScriptFunction)  # fmt: skip
_HOOKS = (
    "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks",
    "_state_dict_hooks", "_state_dict_pre_hooks", "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks",
)  # fmt: skip
_MODULE_COPIES = {"_modules", "_parameters", "_buffers"}


class Cloner:
    """Copies modules; `skipped` counts the caller's hooks that the copy leaves out.

    `devices` says of each copied tensor, by its id, on which kind of device the original lies.

    Args:
        convert: makes the copy of a tensor.
    """

    def __init__(self, convert: Callable[[Tensor], Tensor]):
        self.convert = convert
        self.skipped = 0
        self.devices: dict[int, str] = {}
        self.origins: dict[int, nn.Module] = {}
        self._memo: dict[int, Any] = {}

    def module(self, net: nn.Module) -> nn.Module:
        """The copy of one module and everything under it."""
        net = unwrapped(net)
        if id(net) in self._memo:
            return self._memo[id(net)]
        if isinstance(net, torch.jit.ScriptModule):
            return copy.deepcopy(net, self._memo)
        clone = type(net).__new__(type(net))
        self._memo[id(net)] = clone
        self.origins[id(clone)] = net
        own = clone.__dict__
        for name, value in net.__dict__.items():
            if name in _HOOKS:
                own[name] = self._hooks(value) if value else OrderedDict()
            else:
                own[name] = self.value(value)
        own["_compiled_call_impl"] = None
        return clone

    def value(self, value: Any) -> Any:
        """The copy of any attribute."""
        kind = type(value)
        if kind in _ATOMS or isinstance(value, type):
            return value
        if kind is OrderedDict or kind is dict:
            return kind((key, self.value(item)) for key, item in value.items())
        if isinstance(value, nn.Module):
            return self.module(value)
        if isinstance(value, Tensor):
            return self.tensor(value)
        if kind is list or kind is tuple or kind is set:
            return kind(self.value(item) for item in value)
        if kind is MethodType:
            return MethodType(value.__func__, self.value(value.__self__))
        if kind is partial:
            return partial(self.value(value.func), *self.value(value.args), **self.value(value.keywords))
        return self._anything(value)

    def _anything(self, value: Any) -> Any:
        """A deep copy where Python can make one; generators, locks and their like are shared."""
        try:
            return copy.deepcopy(value, self._memo)
        except (TypeError, RuntimeError, AttributeError, copy.Error):
            return value

    def tensor(self, value: Tensor) -> Tensor:
        """The copy of a tensor; a tied one stays tied."""
        if id(value) in self._memo:
            return self._memo[id(value)]
        if nn.parameter.is_lazy(value):
            device = self.convert(torch.empty(0)).device
            build: Any = type(value)
            clone: Tensor = build(requires_grad=value.requires_grad, device=device, dtype=value.dtype)
        else:
            data = self.convert(value.detach())
            clone = data.requires_grad_(value.requires_grad)
            if isinstance(value, nn.Parameter):
                clone = nn.Parameter(data, value.requires_grad)
        self._memo[id(value)] = clone
        self.devices[id(clone)] = value.device.type
        return clone

    def _hooks(self, hooks: Any) -> Any:
        """Hooks that are objects of the network (weight norm, bound methods) run; plain functions do not.

        A plain function may write what it sees into the caller's lists.
        """
        kept = OrderedDict(
            (key, self.value(hook)) for key, hook in hooks.items() if not isinstance(hook, FunctionType)
        )
        self.skipped += len(hooks) - len(kept)
        return kept


def unwrapped(net: nn.Module) -> nn.Module:
    """The module inside `torch.compile`, `DataParallel` and `DistributedDataParallel`."""
    while True:
        if isinstance(net, nn.DataParallel | nn.parallel.DistributedDataParallel):
            net = net.module
        elif type(net).__name__ == "OptimizedModule":
            net = net._modules["_orig_mod"]  # type: ignore[assignment]  # torch.compile's wrapper has just this
        else:
            return net


def paths(net: nn.Module) -> dict[int, tuple[nn.Module, list[str]]]:
    """Every module under `net` by id, with all its paths; those in plain lists and dicts as `heads[0]`."""
    found: dict[int, tuple[nn.Module, list[str]]] = {}
    for path, module in net.named_modules(remove_duplicate=False):
        found.setdefault(id(module), (module, []))[1].append(path)
    for module, names in list(found.values()):
        for name, hidden in _hidden(module):
            for path, inner in hidden.named_modules(prefix=f"{names[0]}.{name}".lstrip(".")):
                if id(inner) not in found:
                    found[id(inner)] = (inner, [path])
    return found


def _hidden(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """(name, module) of modules in plain lists, tuples and dicts of a module's attributes."""
    for name, value in module.__dict__.items():
        if name in _MODULE_COPIES or name in _HOOKS:
            continue
        if isinstance(value, list | tuple):
            items: Any = enumerate(value)
        elif isinstance(value, dict):
            items = value.items()
        else:
            continue
        yield from ((f"{name}[{key!r}]", item) for key, item in items if isinstance(item, nn.Module))
