"""Pause the cyclic garbage collector while many objects are made that stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collecting_later() -> Iterator[None]:
    """Pause the collector in the body, and leave it as it was.

    It would otherwise go through the growing record of a network again and again, which takes a third of the
    time of a large one. It is meant for work that makes little garbage, or only such as holds no data.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
