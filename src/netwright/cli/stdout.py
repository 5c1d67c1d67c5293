"""Keep standard output for results: what the user's code prints goes to standard error."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

OUTPUT, ERRORS = 1, 2


@contextmanager
def only_results() -> Iterator[None]:
    """Send everything that the body prints to standard error instead of standard output.

    The file descriptor is redirected too, which covers compiled code and the programs that the body starts.
    """
    sys.stdout.flush()
    saved = os.dup(OUTPUT)
    os.dup2(ERRORS, OUTPUT)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        sys.stdout.flush()
        os.dup2(saved, OUTPUT)
        os.close(saved)
