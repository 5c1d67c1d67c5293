"""Run the command line inside the test process: a process of its own takes seconds to import torch."""

import io
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess

from netwright.cli.main import main

Outcome = CompletedProcess[str]


def netwright(*words: str) -> Outcome:
    """Exit code, standard output and standard error of `netwright WORDS`."""
    out, error = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(error):
        try:
            main(words)
        except SystemExit as ended:
            code = ended.code
    return Outcome(words, code, out.getvalue(), error.getvalue())
