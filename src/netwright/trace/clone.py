"""Clone a module, so that the clone is run and the module itself is never run, moved or switched.

The tensors of the clone are converted, usually to the meta device without their data. Everything else that
Python can copy is copied too (lists that a forward pass appends to, modules in such lists, bound methods,
functions that hold modules or tensors), so that the recorded run leaves no trace in the caller's module.
"""

import copy
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from types import CellType, FunctionType, MethodType
from typing import Any

import torch
from torch import Tensor, nn

_ATOMS = frozenset({
    type(None), bool, int, float, complex, str, bytes, type, torch.dtype, torch.device,
    torch.jit.ScriptFunction,
})  # fmt: skip
_HOOKS = frozenset({
    "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks",
    "_state_dict_hooks", "_state_dict_pre_hooks", "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks",
})  # fmt: skip
_SEQUENCES = (list, tuple)
_MODULE_COPIES = {"_modules", "_parameters", "_buffers"}

Paths = dict[int, tuple[nn.Module, list[str]]]
"""Modules by id, each with its paths."""


class Cloner:
    """Make clones of modules that share nothing with the originals.

    `skipped` counts the hooks of the caller that the clones leave out. `devices` maps the id of each cloned
    tensor to the type of device on which the original lies, `origins` the id of each clone to its original.

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
        """Return the clone of a module with everything under it."""
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
            if type(value) in _ATOMS:
                own[name] = value
            elif name in _HOOKS:
                own[name] = self._hooks(value) if value else OrderedDict()
            else:
                own[name] = self.value(value)
        own["_compiled_call_impl"] = None
        return clone

    def value(self, value: Any) -> Any:
        """Return the copy of any attribute."""
        kind = type(value)
        if kind in _ATOMS or isinstance(value, type):
            return value
        if kind is OrderedDict or kind is dict:
            return kind([(key, self.value(item)) for key, item in value.items()]) if value else kind()
        if isinstance(value, nn.Module):
            return self.module(value)
        if isinstance(value, Tensor):
            return self.tensor(value)
        if kind is list or kind is tuple or kind is set:
            return kind([item if type(item) in _ATOMS else self.value(item) for item in value])
        if kind is FunctionType:
            return self._function(value)
        return self._bound(value) if kind is MethodType or kind is partial else self._anything(value)

    def _bound(self, value: Any) -> Any:
        """Return a method of the copy, or the copy of a partial call."""
        if isinstance(value, MethodType):
            return MethodType(value.__func__, self.value(value.__self__))
        return partial(self.value(value.func), *self.value(value.args), **self.value(value.keywords))

    def _function(self, function: FunctionType) -> FunctionType:
        """Return a function itself, or its copy if it holds modules or tensors in its closure or defaults."""
        defaults = (function.__defaults__ or (), function.__kwdefaults__ or {})
        cells = [(cell, _content(cell)) for cell in function.__closure__ or ()]
        if id(function) in self._memo:
            return self._memo[id(function)]
        if not any(_holds(part) for part in (*defaults, *(content for _, content in cells))):
            return function
        copies = tuple(CellType() if _holds(content) else cell for cell, content in cells)
        clone = FunctionType(function.__code__, function.__globals__, function.__name__, None, copies)
        self._memo[id(function)] = clone
        for copied, (cell, content) in zip(copies, cells, strict=True):
            if copied is not cell:
                copied.cell_contents = self.value(content)
        clone.__defaults__, clone.__kwdefaults__ = self.value(defaults)
        clone.__dict__.update(function.__dict__)
        clone.__qualname__ = function.__qualname__
        return clone

    def _anything(self, value: Any) -> Any:
        """Return a deep copy, or the value itself where Python cannot copy it, such as a lock."""
        try:
            return copy.deepcopy(value, self._memo)
        except (TypeError, RuntimeError, AttributeError, copy.Error):
            return value

    def tensor(self, value: Tensor) -> Tensor:
        """Return the copy of a tensor; tied tensors stay tied."""
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
        """Copy the hooks that are objects of the network, such as weight norm and bound methods.

        Plain functions are left out, since they may write what they see into lists of the caller.
        """
        copied = OrderedDict(
            (key, self.value(hook)) for key, hook in hooks.items() if not isinstance(hook, FunctionType)
        )
        self.skipped += len(hooks) - len(copied)
        return copied


def _content(cell: CellType) -> Any:
    """Return what a variable of a closure holds; None before it is assigned."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _holds(value: Any, depth: int = 4) -> bool:
    """Return True for modules and tensors, and for what holds them: methods, functions and containers."""
    if isinstance(value, nn.Module | Tensor):
        return True
    parts: list[Any] = []
    if isinstance(value, list | tuple | set):
        parts = list(value)
    elif isinstance(value, dict):
        parts = list(value.values())
    elif isinstance(value, MethodType):
        parts = [value.__self__]
    elif isinstance(value, partial):
        parts = [value.func, value.args, value.keywords]
    elif isinstance(value, FunctionType):
        parts = [value.__defaults__, *map(_content, value.__closure__ or ())]
    return depth > 0 and any(_holds(part, depth - 1) for part in parts)


def unwrapped(net: nn.Module) -> nn.Module:
    """Return the module inside `torch.compile`, `DataParallel` and `DistributedDataParallel`."""
    while True:
        if isinstance(net, nn.DataParallel | nn.parallel.DistributedDataParallel):
            net = net.module
        elif type(net).__name__ == "OptimizedModule":
            net = net._modules["_orig_mod"]  # type: ignore[assignment]  # torch.compile's wrapper has just this
        else:
            return net


def paths(net: nn.Module) -> Paths:
    """Return every module under `net` by id, with all its paths.

    Modules in plain lists and dicts have paths such as `heads[0]`.
    """
    modules: Paths = {}
    for path, module in _named(net, ""):
        modules.setdefault(id(module), (module, []))[1].append(path)
    for module, names in list(modules.values()):
        for name, hidden in _hidden(module):
            for path, inner in hidden.named_modules(prefix=f"{names[0]}.{name}".lstrip(".")):
                if id(inner) not in modules:
                    modules[id(inner)] = (inner, [path])
    return modules


def _named(net: nn.Module, path: str) -> list[tuple[str, nn.Module]]:
    """Return what `net.named_modules(remove_duplicate=False)` yields, faster for a deep network."""
    named, waiting = [], [(path, net)]
    while waiting:
        path, module = waiting.pop()
        named.append((path, module))
        start = f"{path}." if path else ""
        waiting += [
            (start + name, child) for name, child in reversed(module._modules.items()) if child is not None
        ]
    return named


def _hidden(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield the name and the module of each module in a plain list, tuple or dict among the attributes."""
    for name, value in module.__dict__.items():
        if type(value) in _ATOMS or name in _MODULE_COPIES or name in _HOOKS:
            continue
        if isinstance(value, _SEQUENCES):
            items: Any = enumerate(value)
        elif isinstance(value, dict):
            items = value.items()
        else:
            continue
        yield from ((f"{name}[{key!r}]", item) for key, item in items if isinstance(item, nn.Module))
