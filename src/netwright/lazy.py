"""Public names of a package that are imported on their first use (PEP 562)."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def attach(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` of a package.

    A name that is added to `__all__` in place appears in `__dir__` too.

    Args:
        package: the full name of the package.
        modules: the names that each of its modules offers, separated by spaces; a sub-package that is offered
            itself has its own name there.

    >>> load, _, names = attach("netwright", {"errors": "DataError RunError"})
    >>> names, load("DataError")
    (['DataError', 'RunError'], <class 'netwright.errors.DataError'>)
    """
    homes = {name: module for module, names in modules.items() for name in names.split()}

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it has {', '.join(homes)}")
        module = import_module(f"{package}.{homes[name]}")
        return module if name == homes[name] else getattr(module, name)

    public = list(homes)
    return load, lambda: sorted(public), public
