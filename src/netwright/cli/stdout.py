"""Keep standard output for results: what the user's code prints goes to standard error."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stdout

OUTPUT, ERRORS = 1, 2


@contextmanager
def only_results() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Send everything that the body prints to standard error instead of standard output.

    The file descriptor is redirected too, which covers compiled code and the programs that the body starts.
    Results that are known before the end of the body are printed inside the context that is returned.
    """
    sys.stdout.flush()
    output, saved = sys.stdout, os.dup(OUTPUT)

    @contextmanager
    def results() -> Iterator[None]:
        os.dup2(saved, OUTPUT)
        try:
            with redirect_stdout(output):
                yield
        finally:
            output.flush()
            os.dup2(ERRORS, OUTPUT)

    os.dup2(ERRORS, OUTPUT)
    try:
        with redirect_stdout(sys.stderr):
            yield results
    finally:
        sys.stdout.flush()
        os.dup2(saved, OUTPUT)
        os.close(saved)
