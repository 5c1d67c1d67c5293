"""Execute a part of a file as a module."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType

from netwright.slicing.excerpt import Excerpt, excerpt

WHOLE = "NETWRIGHT_WHOLE_FILES"
"""The variable of the environment that asks for whole files; processes that this one starts inherit it."""
_MENTIONED: set[tuple[str, str]] = set()
"""The paths and lines that were mentioned: a file may be loaded many times."""


class PartLoader(SourceFileLoader):
    """An importer of the statements of a file that one of its names needs; of all if the name is empty.

    A line on standard error names what is left out.
    """

    def __init__(self, fullname: str, path: str, needed: str):
        super().__init__(fullname, path)
        self.needed = needed
        self.part: Excerpt | None = None

    def get_code(self, fullname: str) -> CodeType:
        """Return the code, always made from the source: a cached file would hold other statements.

        The chosen statements keep their lines.
        """
        source = self.get_data(self.path)
        if not self.needed or os.environ.get(WHOLE):
            return self.source_to_code(source, self.path)
        self.part = excerpt(source, self.needed, importable(Path(self.path).parent))
        self._report()
        return compile(self.part.tree, self.path, "exec", dont_inherit=True)

    def _report(self) -> None:
        if self.part is None or not (lines := self.part.lines()):
            return
        if (self.path, lines) not in _MENTIONED:
            _MENTIONED.add((self.path, lines))
            name = Path(self.path).name
            sys.stderr.write(f"left out {lines} of {name}; --run executes the whole file\n")

    def remark(self, error: BaseException) -> str:
        """Return why a script that reads the command line ended; empty for other errors."""
        if self.part is None or self.part.command_line is None or not isinstance(error, SystemExit):
            return ""
        return (
            f"line {self.part.command_line} reads the command line, which is empty here, and exits; every "
            "option that the network needs must have a default"
        )


@contextmanager
def whole_files(asked: bool) -> Iterator[None]:
    """Execute whole files in the body if `asked`, also in the processes that the body starts."""
    before = os.environ.get(WHOLE)
    if asked:
        os.environ[WHOLE] = "1"
    try:
        yield
    finally:
        if asked:
            os.environ.pop(WHOLE)
        if before is not None:
            os.environ[WHOLE] = before


def importable(folder: Path) -> Callable[[str], bool]:
    """Return whether a package can be imported by a file in a folder, by the name of the package.

    >>> importable(Path("."))("json"), importable(Path("."))("no_such_package")
    (True, False)
    """
    return partial(_can_import, [str(folder)])


def _can_import(folders: list[str], name: str) -> bool:
    if name in sys.modules or name in sys.builtin_module_names:
        return True
    return PathFinder.find_spec(name, [*folders, *sys.path]) is not None
