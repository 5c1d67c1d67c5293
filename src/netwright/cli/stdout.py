"""Keep standard output for results: what the user's code prints goes to standard error."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

OUTPUT, ERRORS = 1, 2


@contextmanager
def only_results() -> Iterator[None]:
    """While the body runs, nothing that it prints reaches standard output.

    The file descriptor is redirected too, for compiled code and for programs that the user's code starts.
    """
    sys.stdout.flush()
    kept = os.dup(OUTPUT)
    os.dup2(ERRORS, OUTPUT)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, OUTPUT)
        os.close(kept)
