"""Execute the examples of a page: its Python blocks and its commands, compared with the output shown.

Languages of a block: `python` runs in one namespace for each page; every line of a `console` block that
starts with `$ netwright` runs as a command, and the lines below it are what it prints; `sh`, `toml`, `json`
and `text` are not executed. A line `...` stands for any lines, ` ...` at the end of a line for its rest, and
blanks at the end of a line do not count.

Trainings are shortened unless the environment variable NETWRIGHT_DOCS is `full`: one epoch of 40 examples,
two seeds, and studies train in this process. What a training prints is compared by its form: every number
counts as the same number.
"""

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sybil import Example, Sybil
from sybil.example import SybilFailure
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

import in_process
import netwright as nw
from command import netwright
from netwright.data.examples import Data
from netwright.models.registry import _ENTRIES, entries
from netwright.study import pool

LANGUAGES = {"python", "console", "sh", "toml", "json", "text"}
FULL = os.environ.get("NETWRIGHT_DOCS") == "full"
SHORT = {
    "train": {"--epochs": "1", "--limit": "40"},
    "compare": {"--epochs": "1", "--limit": "40", "--seeds": "2", "--jobs": "1"},
}
NUMBER = re.compile(r"[-+]?\d[\d,.]*")


def failures(page: Path) -> list[str]:
    """Run every example of a page in turn; return the line and the reason of each that fails."""
    parsers = [PythonCodeBlockParser(), CodeBlockParser("console", run_commands)]
    entries()
    serve = pool.serve if FULL else in_process.serve
    with (
        patch.multiple(nw, train=_train, compare=_compare, create=True),
        patch("netwright.study.compare.serve", serve),
        patch.dict(_ENTRIES),
    ):
        return [reason for example in Sybil(parsers).parse(page).examples() for reason in _failure(example)]


def unknown_languages(page: Path) -> list[str]:
    """Return the places of fenced blocks whose language says neither how to run them nor not to."""
    fences = [
        (number, line.strip().removeprefix("```"))
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1)
        if line.strip().startswith("```")
    ]
    return [
        f"{page.name}:{number}: `{language}`" for number, language in fences[::2] if language not in LANGUAGES
    ]


def _failure(example: Example) -> Iterator[str]:
    try:
        example.evaluate()
    except SybilFailure as failure:
        yield failure.result
    except Exception as error:  # noqa: BLE001  # whatever the page's own code raises
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        yield f"{Path(example.path).name}:{example.line}: {type(error).__name__}: {error}"


def run_commands(example: Example) -> str | None:
    """Run the commands of a `console` block; return the first line that differs."""
    lines = example.parsed.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        where = f"{Path(example.path).name}:{example.line + 1 + start}"
        words = shlex.split(lines[start].removeprefix("$ "), comments=True)
        if words[0] != "netwright":
            return f"{where}: `{words[0]}` is not a command that is executed; use a block of `sh`"
        outcome = netwright(*_shortened(words[1:]))
        if outcome.returncode not in (0, 1):
            return f"{where}: exit code {outcome.returncode}: {outcome.stderr}"
        reason = difference(lines[start + 1 : end], outcome.stdout.splitlines(), form=words[1] in SHORT)
        if reason:
            return f"{where}: {reason}"
    return None


def _shortened(words: list[str]) -> list[str]:
    options = {} if FULL else SHORT.get(words[0], {})
    for option, value in options.items():
        if option in words:
            at = words.index(option)
            words = [*words[:at], *words[at + 2 :]]
        words = [*words, option, value]
    return words


def difference(shown: list[str], printed: list[str], *, form: bool = False) -> str:
    """Why the lines that are shown are not those that are printed; empty when they agree or none is shown.

    >>> difference(["a", "...", "d"], ["a", "b", "c", "d"])
    ''
    >>> difference(["loss 0.5"], ["loss 0.25"]), difference(["loss 0.5"], ["loss 0.25"], form=True)
    ("line 1 shows 'loss 0.5', printed is 'loss 0.25'", '')
    """
    at = 0
    skipping = False
    for number, line in enumerate(shown, 1):
        if line.strip() == "...":
            skipping = True
            continue
        matching = [index for index in range(at, len(printed)) if _same(line, printed[index], form=form)]
        if not matching or (matching[0] != at and not skipping):
            actual = printed[at] if at < len(printed) else "nothing more"
            return f"line {number} shows {line!r}, printed is {actual!r}"
        at, skipping = matching[0] + 1, False
    if shown and not skipping and any(line.strip() for line in printed[at:]):
        return f"the page ends, but printed is also {printed[at]!r}"
    return ""


def _same(shown: str, printed: str, *, form: bool) -> bool:
    if form:
        shown, printed = (" ".join(NUMBER.sub("0", line).split()) for line in (shown, printed))
    if shown.endswith(" ..."):
        return printed.startswith(shown.removesuffix(" ..."))
    return shown.rstrip() == printed.rstrip()


def _train(net: Any, data: Any, recipe: Any = None, **options: Any) -> Any:
    from netwright.training.run import train

    return train(net, _few(data), _brief(recipe), **options)


def _compare(designs: Any, data: Any, recipe: Any = None, *, seeds: int = 3, **options: Any) -> Any:
    from netwright.study.compare import compare

    return compare(designs, _few(data), _brief(recipe), seeds=seeds if FULL else 2, **options)


def _few(data: Any) -> Any:
    return data if FULL or not isinstance(data, str) else Data.load(data, limit=40)


def _brief(recipe: Any) -> Any:
    recipe = recipe or nw.Recipe()
    return recipe if FULL else recipe.model_copy(update={"epochs": 1})
