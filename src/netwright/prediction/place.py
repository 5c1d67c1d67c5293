"""The user's line that an error or a node of a graph comes from."""

from itertools import zip_longest
from pathlib import Path
from traceback import extract_tb

import torch
from torch.fx import Graph, Node

PACKAGES = (str(Path(torch.__file__).parent), str(Path(__file__).parent), "<")
"""Where code lies that is not the user's: torch's and ours."""


def line(error: BaseException) -> str:
    """Return ` at FILE:LINE (code)` for the innermost frame that is neither torch's nor ours."""
    frames = [frame for frame in extract_tb(error.__traceback__) if not frame.filename.startswith(PACKAGES)]
    return f" at {frames[-1].filename}:{frames[-1].lineno} (`{frames[-1].line}`)" if frames else ""


def place(node: Node) -> str:
    """Return ` at FILE:LINE (code)` for the user's line that a node of a graph comes from."""
    lines = [text.strip() for text in node.meta.get("stack_trace", "").splitlines()]
    calls = [k for k, text in enumerate(lines) if text.startswith('File "')]
    if not calls:
        return ""
    _, file, rest = lines[calls[-1]].split('"', 2)
    code = lines[calls[-1] + 1] if calls[-1] + 1 < len(lines) else ""
    return f" at {file}:{rest.partition('line ')[2].partition(',')[0]} (`{code}`)"


def parting(one: Graph, other: Graph) -> str:
    """Return the place where recordings of inputs of two shapes part: by a number, or by what they do.

    Numbers that the user's line reads from a shape are passed over, if there are others.
    """
    first = ""
    for mine, theirs in zip_longest(one.nodes, other.nodes):
        if mine is None or theirs is None or _kind(mine) != _kind(theirs):
            return place(theirs or mine)
        if str((mine.args, mine.kwargs)) != str((theirs.args, theirs.kwargs)):
            here = place(theirs)
            if not any(text in here for text in (".shape", ".size(")):
                return here
            first = first or here
    return first


def _kind(node: Node) -> tuple[str, int]:
    """Return what a node calls, and how many tensors that gives."""
    value = node.meta.get("val")
    return str(node.target), len(value) if isinstance(value, list | tuple) else 1


def failing(error: BaseException) -> Node | None:
    """Return the node that was being translated when an error was raised, from the frames that it came by."""
    while error.__cause__ is not None:
        error = error.__cause__
    trace = error.__traceback__
    nodes = []
    while trace is not None:
        nodes += [value for value in trace.tb_frame.f_locals.values() if isinstance(value, Node)]
        trace = trace.tb_next
    return nodes[-1] if nodes else None
