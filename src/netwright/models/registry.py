"""The names of networks: `resnet20` stands for `resnet(depth=20)`, and a spec may give more arguments.

A family file calls `register` for itself and for each of its named networks; the files are found by walking
the package `families`, so there is no central table. Installed packages add networks through the entry points
`netwright.models` (see docs/add-a-block.md).
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from inspect import isclass, isfunction, signature
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from torch import nn

from netwright import __version__
from netwright.plugins import Plugin, accept

NETWRIGHT = f"netwright {__version__}"


@dataclass(frozen=True)
class Entry:
    """A name and what it builds.

    Args:
        name: what a spec writes.
        build: the function or class that is called with keyword arguments.
        input: shape without the batch that the network is published for.
        arguments: what the name stands for, such as a depth; a spec may change them.
        parts: from an argument to its possible texts and the part that each stands for, as in
            `block="bottleneck"`.
        package: the installed package that the entry comes from, with its version.
    """

    name: str
    build: Callable[..., nn.Module]
    input: tuple[int, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    package: str = NETWRIGHT

    @property
    def family(self) -> str:
        """The name of the file that the network is in."""
        return self.build.__module__.rpartition(".")[2]

    @property
    def paper(self) -> str:
        """Who published it: what the first line of its file's docstring has in brackets."""
        headline = (sys.modules[self.build.__module__].__doc__ or "").partition("\n")[0]
        return headline.partition("(")[2].partition(")")[0]

    @property
    def complete(self) -> bool:
        """True for a network, False for a family whose depth (say) the spec must still give."""
        required = {p.name for p in signature(self.build).parameters.values() if p.default is p.empty}
        return required <= set(self.arguments)

    @property
    def own(self) -> bool:
        """True for a network of Netwright, False for one of another package."""
        return self.package == NETWRIGHT


_ENTRIES: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    """Give a name to a network or a family of Netwright; a name is given once."""
    if entry.name in _ENTRIES:
        raise ValueError(f"the model name `{entry.name}` is registered twice")
    _ENTRIES[entry.name] = entry


@cache
def entries() -> Mapping[str, Entry]:
    """Return every registered name: ours in the order of the family files, then those of other packages."""
    for module in iter_modules([str(Path(__file__).with_name("families"))]):
        import_module(f"netwright.models.families.{module.name}")
    # Families import one another, so the order of registration is not that of the files.
    catalogue = dict(sorted(_ENTRIES.items(), key=lambda named: named[1].family))
    accept("models", lambda plugin: _add(catalogue, plugin))
    return catalogue


def _add(catalogue: dict[str, Entry], plugin: Plugin) -> None:
    """Add the entry of another package, or raise why it cannot be used."""
    entry = plugin.value
    if not isinstance(entry, Entry):
        raise TypeError(f"it is a {type(entry).__name__}, not a netwright.models.Entry")
    if entry.name != plugin.name or not entry.name.isidentifier():
        raise ValueError(f"the entry is called `{entry.name}`; give it the name of its entry point")
    if entry.name in catalogue:
        raise ValueError(f"the name is already taken by {catalogue[entry.name].package}")
    if not (isfunction(entry.build) or (isclass(entry.build) and issubclass(entry.build, nn.Module))):
        raise TypeError("its `build` must be a function, or a subclass of torch.nn.Module")
    if not entry.input or not all(isinstance(size, int) and size > 0 for size in entry.input):
        raise ValueError(f"its `input` (={entry.input}) must be a shape without the batch, as in (3, 32, 32)")
    catalogue[entry.name] = replace(entry, package=plugin.package)
