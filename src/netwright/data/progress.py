"""A progress bar over files, on a terminal only."""

import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")


def shown(items: Sequence[Item], what: str) -> Iterator[Item]:
    """Yield the items; a bar on standard error says what is done with them, where that is a terminal."""
    console = Console(stderr=True)
    yield from track(items, what, console=console, transient=True, disable=not sys.stderr.isatty())
