"""A spec is the text that names a network; `load` builds the network it names.

    resnet20                                registered name
    resnet(depth=56, block="bottleneck")    registered family with arguments
    net.py:Net(width=2)                     a class, function or module object of the user's file
    timm.models:resnet18                    the same of an installed package

Arguments are Python literals. They are parsed, never evaluated.
"""

import hashlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from netwright.analysis.cause.construction import unbuilt
from netwright.arithmetic.call import parse as parse_call
from netwright.errors import CallError, NetwrightError, SpecError
from netwright.models.registry import Entry, entries
from netwright.trace.source import LOADER, raising
from netwright.trace.usercode import UserCode, format_error


@dataclass(frozen=True)
class Spec:
    """A parsed spec: where the name lives (empty: the registry), the name, and its arguments."""

    text: str
    home: str
    name: str
    args: tuple[Any, ...]
    options: Mapping[str, Any]


def parse(text: str) -> Spec:
    """Split a spec into home, name and literal arguments.

    >>> parse('net.py:Net(3, width=2)')
    Spec(text='net.py:Net(3, width=2)', home='net.py', name='Net', args=(3,), options={'width': 2})
    """
    try:
        call = parse_call(text)
    except CallError as error:
        raise SpecError(
            f'`{text}` is no spec: arguments must be literals, as in resnet(depth=56, block="bottleneck").'
        ) from error
    home, _, name = call.target.rpartition(":")
    if not home and name.endswith(".py"):
        raise SpecError(f"`{text}` is a file: name the network in it, as in {name}:Net.")
    if not all(part.isidentifier() for part in name.split(".")):
        raise SpecError(f"`{text}` is no spec: write a model's name, or FILE.py:NAME, or PACKAGE:NAME.")
    return Spec(text, home, name, call.args, call.options)


def load(spec: str, *, input: tuple[int, ...] | None = None, classes: int | None = None) -> nn.Module:
    """Build the network that `spec` names.

    Args:
        spec: see the module's text.
        input: shape of one example without batch; a registered network takes its channels and size from it
            where the spec does not give them.
        classes: outputs of a registered network where the spec does not give them.

    Raises:
        SpecError: nothing has that name (the nearest are named), or an argument does not fit (the
            signature is shown).

    >>> sum(p.numel() for p in load("resnet20").parameters())
    269722
    """
    parsed = parse(spec)
    if not parsed.home:
        return _registered(parsed, input, classes)
    return _call(_find(parsed), parsed, parsed.options)


def _registered(spec: Spec, input: tuple[int, ...] | None, classes: int | None) -> nn.Module:
    if spec.name not in entries():
        near = get_close_matches(spec.name, entries(), n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(near)}?" if near else "`netwright models` lists the names."
        raise SpecError(f"no model is called `{spec.name}`; {hint}")
    entry = entries()[spec.name]
    accepted = signature(entry.build).parameters
    offered = _from_data(input, classes)
    options = {name: value for name, value in offered.items() if name in accepted}
    options = {**entry.arguments, **options, **spec.options}
    return _call(entry.build, spec, {name: _part(entry, name, value) for name, value in options.items()})


def _from_data(input: tuple[int, ...] | None, classes: int | None) -> dict[str, Any]:
    offered: dict[str, Any] = {}
    if input is not None:
        offered["channels"] = input[0]
        if len(set(input[1:])) == 1:
            offered["size"] = input[1]
    if classes is not None:
        offered["classes"] = classes
    return offered


def _part(entry: Entry, name: str, value: Any) -> Any:
    """The part that `block="bottleneck"` and its like stand for."""
    if name not in entry.parts:
        return value
    if value not in entry.parts[name]:
        known = ", ".join(repr(text) for text in entry.parts[name])
        raise SpecError(f"`{name}` of {entry.name} is {value!r}; it can be {known}.")
    return entry.parts[name][value]


def _call(build: Any, spec: Spec, options: Mapping[str, Any]) -> nn.Module:
    if isinstance(build, nn.Module):
        return build
    if not callable(build):
        raise SpecError(f"`{spec.text}` is a {type(build).__name__}, not a torch.nn.Module.")
    try:
        signature(build).bind(*spec.args, **options)
    except TypeError as error:
        raise SpecError(f"`{spec.text}`: {error}; it takes {spec.name}{_readable(build)}.") from error
    except ValueError as error:
        raise SpecError(f"`{spec.text}` is no network: {error}.") from error
    with UserCode() as held:
        net = build(*spec.args, **options)
    if isinstance(held.error, NetwrightError):
        raise SpecError(f"`{spec.text}`: {held.error}") from held.error
    if held.error is not None:
        text = f"`{spec.text}` cannot be built: {format_error(held.error).rstrip('.')}"
        raise SpecError(f"{text}{unbuilt(held.error)}.") from held.error
    if not isinstance(net, nn.Module):
        raise SpecError(f"`{spec.text}` yields a {type(net).__name__}, not a torch.nn.Module.")
    return net


def _readable(build: Callable[..., Any]) -> str:
    """The signature without annotations, parts by their names."""
    found = signature(build)
    shown = [
        p.replace(annotation=p.empty, default=_Shown(p.default) if p.default is not p.empty else p.empty)
        for p in found.parameters.values()
    ]
    return str(found.replace(parameters=shown, return_annotation=found.empty))


class _Shown:
    def __init__(self, value: Any):
        self.value = value

    def __repr__(self) -> str:
        return getattr(self.value, "__name__", repr(self.value))


def _find(spec: Spec) -> Callable[..., Any]:
    found: Any = _file(spec) if spec.home.endswith(".py") else _package(spec)
    for part in spec.name.split("."):
        if not hasattr(found, part):
            names = [
                name for name in dir(found) if not name.startswith("_") and callable(getattr(found, name))
            ]
            near = get_close_matches(part, names, n=3, cutoff=0.5) or names[:5]
            hint = f"it has {', '.join(near)}." if near else "it is empty."
            raise SpecError(f"`{spec.home}` has no `{part}`; {hint}")
        found = getattr(found, part)
    return found


def _package(spec: Spec) -> ModuleType:
    with UserCode() as held:
        return importlib.import_module(spec.home)
    raise SpecError(f"`{spec.home}` of `{spec.text}` cannot be imported: {_told(held)}.") from held.error


def _file(spec: Spec) -> ModuleType:
    found = os.path.expanduser(spec.home)
    if not os.path.isfile(found):
        raise SpecError(f"there is no file `{spec.home}`.")
    path = Path(found).resolve()
    name = f"{path.stem}_{hashlib.blake2b(str(path).encode(), digest_size=4).hexdigest()}"
    where = importlib.util.spec_from_file_location(name, path)
    assert where is not None
    assert where.loader is not None
    module = importlib.util.module_from_spec(where)
    sys.modules[name] = module
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    with UserCode() as held:
        where.loader.exec_module(module)
    if held.error is not None:
        raise SpecError(f"`{spec.home}` cannot be loaded: {_told(held)}.") from held.error
    return module


def _told(held: UserCode) -> str:
    """What was raised, and the user's line that raised it."""
    assert held.error is not None
    line = raising(held.traceback)
    own = line is not None and line.file not in (LOADER, __file__)
    return format_error(held.error).rstrip(".") + (f" ({line})" if own else "")
