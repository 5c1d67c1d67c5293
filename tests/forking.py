"""Runs the command once for each line of its standard input, in a child of this process.

A process of its own would import torch and everything that trains each time, which takes seconds. Here one
process imports them and forks; a child begins as a new process would: no command before it left a trace.
A line is JSON, {"words": …, "environment": …}; so is the answer, {"code": …, "out": …, "error": …}.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, CompletedProcess, Popen

Outcome = CompletedProcess[str]


@contextmanager
def forking(place: Path, environment: dict[str, str]) -> Iterator[Callable[..., Outcome]]:
    """Yield a function that runs `netwright WORDS` in a folder, with variables of the environment."""
    start = [sys.executable, __file__]
    with Popen(start, stdin=PIPE, stdout=PIPE, text=True, cwd=place, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def run(*words: str, **variables: str) -> Outcome:
            process.stdin.write(json.dumps({"words": words, "environment": variables}) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            return Outcome(words, answer["code"], answer["out"], answer["error"])

        yield run
        process.stdin.close()


def main() -> None:
    """Answer every line."""
    import lightning_fabric  # noqa: F401
    import sklearn.datasets  # noqa: F401
    import torch.utils.tensorboard

    import netwright.lint.catalogue
    import netwright.training.run  # noqa: F401
    from netwright.plugins import plugins

    torch.set_num_threads(1)
    assert not plugins.cache_info().currsize, "what is installed is looked up by each child"
    for line in sys.stdin:
        asked = json.loads(line)
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as error:
            pid = os.fork()
            if pid == 0:
                os.environ.update(asked["environment"])
                child(asked["words"], out.fileno(), error.fileno())
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            answer = {"code": code, "out": read(out), "error": read(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def child(words: Sequence[str], out: int, error: int) -> None:
    """Run a command whose output goes to two files, and end this process with its exit code."""
    from netwright.cli.main import main as netwright

    os.dup2(out, 1)
    os.dup2(error, 2)
    code = 0
    try:
        netwright(words)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001  # a forked child must never go on as its parent
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def read(file) -> str:
    file.seek(0)
    return file.read()


if __name__ == "__main__":
    main()
