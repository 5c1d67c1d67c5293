"""`netwright check` on released networks: at its default it must find no error and no warning.

Run it in an environment of its own that has netwright and timm (`pip install timm --no-deps`):

    python benchmarks/precision.py [--limit N] [--one NAME]

timm builds its architectures without torchvision here: only its data pipeline needs that, so a stand-in whose
every name is an empty class is imported in its place. Each exception is printed with its findings.
"""

import argparse
import sys
import warnings
from collections import Counter
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import ClassVar

LARGEST = 120e6
SHAPE = (3, 224, 224)


class Names(type):
    """A class whose every attribute is its name, as the members of an enumeration."""

    def __getattr__(cls, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        return f"{cls.__name__}.{name}"


class StandIn(ModuleType):
    """A package whose every attribute is an empty class."""

    __path__: ClassVar[list[str]] = []

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        return Names(name, (), {})


class Finder(MetaPathFinder, Loader):
    """Answers for torchvision and everything below it."""

    def find_spec(self, name, path=None, target=None):
        """A stand-in for this name."""
        return ModuleSpec(name, self, is_package=True) if name.split(".")[0] == "torchvision" else None

    def create_module(self, spec):
        """The stand-in itself."""
        return StandIn(spec.name)

    def exec_module(self, module):
        """Nothing is in it."""


def architectures() -> list[str]:
    """One small and one larger architecture of every module of timm."""
    import timm

    chosen = []
    for module in sorted(timm.list_modules()):
        names = timm.list_models(module=module)
        chosen += dict.fromkeys([*names[:1], *names[len(names) // 2 : len(names) // 2 + 1], *names[-1:]])
    return list(dict.fromkeys(chosen))


def examine(name: str) -> tuple[str, list[str]]:
    """`silent`, `loud` with the findings, or why it was left out."""
    import timm
    import torch

    import netwright as nw
    from netwright.errors import UsageError

    config = timm.models.get_pretrained_cfg(name)
    shape = (config.input_size if config else None) or SHAPE
    with torch.device("meta"):
        try:
            size = sum(p.numel() for p in timm.create_model(name).parameters())
        except (RuntimeError, NotImplementedError, TypeError, ValueError, AttributeError):
            size = 0
    if size > LARGEST:
        return "too large", []
    net = timm.create_model(name)
    try:
        found = nw.check(net, tuple(shape))
    except UsageError as error:
        return "not run", [str(error)]
    loud = [str(finding) for finding in found if finding.severity != "info"]
    return ("loud" if loud else "silent"), loud


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int)
    parser.add_argument("--one")
    options = parser.parse_args()
    sys.meta_path.insert(0, Finder())
    warnings.simplefilter("ignore")
    names = [options.one] if options.one else architectures()[: options.limit]
    counts: Counter[str] = Counter()
    for name in names:
        verdict, findings = examine(name)
        counts[verdict] += 1
        print(f"{verdict:9} {name}", flush=True)
        for finding in findings[:6]:
            print(f"          {finding}", flush=True)
    print(dict(counts))


if __name__ == "__main__":
    main()
