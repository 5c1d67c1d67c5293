"""One trained network on new files, and in the formats of other programs.

The package is called like the function `nw.predict`, so it can be called as that function.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _Package(ModuleType):
    """A package that is called as its function."""

    def __call__(self, *given: Any, **options: Any) -> Any:
        """Predict; see `netwright.predict.predict.predict`."""
        return import_module(f"{__name__}.predict").predict(*given, **options)


sys.modules[__name__].__class__ = _Package
