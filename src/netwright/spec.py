"""A spec is the text that names a network; `load` builds the network it names.

    resnet20                                registered name
    resnet(depth=56, block="bottleneck")    registered family with arguments
    net.py:Net(width=2)                     a class, function or module object of the user's file
    timm.models:resnet18                    the same of an installed package

Arguments are Python literals. They are parsed, never evaluated. A spec names networks and nothing else: a
module object, a subclass of `torch.nn.Module`, or a function that is defined in the named file, in a file
beside it, or in the named package. Anything else is refused before it is called.

Of a file, only the statements that the network needs are executed; `netwright.slicing` says which.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import signature
from typing import Any

from torch import nn

from netwright import trust as store
from netwright.analysis.cause.construction import unbuilt
from netwright.arithmetic.call import parse as parse_call
from netwright.errors import CallError, NetwrightError, SpecError, TrustError
from netwright.models.registry import Entry, entries
from netwright.target import refuse_library, resolve
from netwright.trace.absent import AbsentDevices
from netwright.trace.collection import collecting_later
from netwright.trace.source import building
from netwright.trace.usercode import UserCode, format_error


@dataclass(frozen=True)
class Spec:
    """A parsed spec: the file or package that has the name (empty: the registry), the name, its arguments."""

    text: str
    home: str
    name: str
    args: tuple[Any, ...]
    options: Mapping[str, Any]

    @property
    def call(self) -> str:
        """The name with its arguments, written the same way for every spelling."""
        return f"{self.name}{self.args!r}{sorted(self.options.items())!r}"


def parse(text: str) -> Spec:
    """Split a spec into home, name and literal arguments.

    >>> parse('net.py:Net(3, width=2)')
    Spec(text='net.py:Net(3, width=2)', home='net.py', name='Net', args=(3,), options={'width': 2})
    """
    if not isinstance(text, str):
        raise SpecError(
            f"a network is given as the text of a spec or as a torch.nn.Module; {text!r} is of {type(text)}."
        )
    try:
        call = parse_call(text)
    except CallError as error:
        raise SpecError(
            f"`{text}` is not a valid spec: arguments must be literals, as in "
            'resnet(depth=56, block="bottleneck").'
        ) from error
    home, _, name = call.target.rpartition(":")
    if not home and name.endswith(".py"):
        raise SpecError(f"`{text}` is a file: name the network in it, as in {name}:Net.")
    if not home.isprintable():
        raise SpecError(f"{text!r} is not a valid spec: the name of the file has a control character in it.")
    names = name.split(".") if home.endswith(".py") or not home else [*home.split("."), *name.split(".")]
    if not all(part.isidentifier() for part in names):
        raise SpecError(
            f"`{text}` is not a valid spec: write the name of a model, or FILE.py:NAME, or PACKAGE:NAME."
        )
    if any(part.startswith("__") for part in names):
        raise SpecError(f"`{text}` is not a valid spec: names with two leading underscores are Python's own.")
    return Spec(text, home, name, call.args, call.options)


def load(
    spec: str, *, input: tuple[int, ...] | None = None, classes: int | None = None, whole: bool = False
) -> nn.Module:
    """Build the network that `spec` names; the text must come from the user (see `restore`).

    Args:
        spec: see the docstring of this module.
        input: shape of one example without the batch; a registered network takes its channels and size from
            it where the spec does not give them.
        classes: outputs of a registered network where the spec does not give them.
        whole: execute the whole file that the spec names, instead of the statements that the network needs.

    Raises:
        SpecError: nothing has that name (the nearest names are listed), it is not a network, or an argument
            does not fit (the signature is shown).

    >>> sum(p.numel() for p in load("resnet20").parameters())
    269722
    """
    parsed = parse(spec)
    if not parsed.home:
        return _registered(parsed, input, classes)
    return _call(resolve(parsed.home, parsed.name, whole=whole), parsed, parsed.options)


def restore(
    spec: str, *, trust: bool = False, input: tuple[int, ...] | None = None, classes: int | None = None
) -> nn.Module:
    """Build the network that is named by a spec from a file, such as `run.json`.

    Registered names are built at once. Other code is imported only if the user has trained this very network
    on this machine, from source that is unchanged since, or if `trust` is set.

    Args:
        spec: the text in the file.
        trust: build the network without asking where its source comes from.
        input: as for `load`.
        classes: as for `load`.

    Raises:
        TrustError: the source is not known here; nothing was imported.
        SpecError: as for `load`.
    """
    parsed = parse(spec)
    if parsed.home:
        refuse_library(parsed.home)
        if not trust and not store.trusted(parsed.call, parsed.home):
            raise TrustError(
                f"`{spec}` comes from a file, and building it runs code of `{parsed.home}` that is not "
                "known: this network was not trained on this machine, or its source has changed since. Read "
                "the source, then give trust=True (--trust)."
            )
    return load(spec, input=input, classes=classes)


def remember(spec: str) -> None:
    """Let `restore` build `spec` without asking, as long as its source stays what it is now.

    Training calls this for a spec that the user gave and that has been built.
    """
    parsed = parse(spec)
    if parsed.home:
        store.remember(parsed.call, parsed.home)


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
    """Return the part that a text stands for, as in `block="bottleneck"`."""
    if name not in entry.parts:
        return value
    if value not in entry.parts[name]:
        known = ", ".join(repr(text) for text in entry.parts[name])
        raise SpecError(f"`{name}` of {entry.name} is {value!r}; it can be {known}.")
    return entry.parts[name][value]


def _call(build: Any, spec: Spec, options: Mapping[str, Any]) -> nn.Module:
    if isinstance(build, nn.Module):
        if spec.args or options:
            raise SpecError(f"`{spec.text}`: `{spec.name}` is a network already and takes no arguments.")
        return build
    try:
        signature(build).bind(*spec.args, **options)
    except TypeError as error:
        raise SpecError(f"`{spec.text}`: {error}; it takes {spec.name}{_readable(build)}.") from error
    with UserCode() as caught, building(), AbsentDevices(), collecting_later():
        net = build(*spec.args, **options)
    if isinstance(caught.error, NetwrightError):
        raise SpecError(f"`{spec.text}`: {caught.error}") from caught.error
    if caught.error is not None:
        text = f"`{spec.text}` cannot be built: {format_error(caught.error).rstrip('.')}"
        raise SpecError(f"{text}{unbuilt(caught.traceback)}.") from caught.error
    if not isinstance(net, nn.Module):
        raise SpecError(f"`{spec.text}` yields a {type(net).__name__}, not a torch.nn.Module.")
    return net


def _readable(build: Callable[..., Any]) -> str:
    """Write a signature without annotations, and with the names of the parts that are its defaults."""
    whole = signature(build)
    shown = [
        p.replace(annotation=p.empty, default=_Shown(p.default) if p.default is not p.empty else p.empty)
        for p in whole.parameters.values()
    ]
    return str(whole.replace(parameters=shown, return_annotation=whole.empty))


class _Shown:
    def __init__(self, value: Any):
        self.value = value

    def __repr__(self) -> str:
        return getattr(self.value, "__name__", repr(self.value))
