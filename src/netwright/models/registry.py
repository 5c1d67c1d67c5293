"""The names of networks: `resnet20` stands for `resnet(depth=20)`, and a spec may give more arguments.

A family file calls `register` for itself and for each of its named networks; the files are found by walking
this package, so there is no central table.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from inspect import signature
from pkgutil import iter_modules
from typing import Any

from torch import nn

import netwright.models


@dataclass(frozen=True)
class Entry:
    """A name and what it builds.

    `arguments` are bound by the name; `parts` maps an argument written as text to the part it stands for, as
    in `block="bottleneck"`; `input` is the shape without batch that the network is published for.
    """

    name: str
    build: Callable[..., nn.Module]
    input: tuple[int, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def family(self) -> str:
        """The file it is in."""
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


_ENTRIES: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    """Name a network or a family; a name is given once."""
    if entry.name in _ENTRIES:
        raise ValueError(f"the model name `{entry.name}` is registered twice")
    _ENTRIES[entry.name] = entry


@cache
def entries() -> Mapping[str, Entry]:
    """Every registered name, in the order of the family files."""
    for module in iter_modules(netwright.models.__path__):
        import_module(f"netwright.models.{module.name}")
    # Families import one another, so the order of registration is not that of the files.
    return dict(sorted(_ENTRIES.items(), key=lambda named: named[1].family))
