"""A network as one graph of torch operations, with a free batch, and a free size where it allows that."""

import io
import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from traceback import extract_tb
from typing import Any

import torch
from torch import Tensor
from torch._dynamo.exc import UserError
from torch.export import Dim, ExportedProgram
from torch.fx import Node
from torch.fx.experimental.symbolic_shapes import ConstraintViolationError, GuardOnDataDependentSymNode
from torch.utils._pytree import tree_leaves

from netwright.errors import USER_ERRORS, ExportError, NetwrightError
from netwright.predict.subject import Subject
from netwright.trace.usercode import format_error

BATCH = 7
"""The batch of the recorded run: no usual number of channels or of pixels."""

STEPS = (1, 2, 4, 8, 16, 32)
"""By how many pixels a size is enlarged, until the network takes one."""


def program(subject: Subject, *, sizes: bool = True) -> tuple[ExportedProgram, tuple[int, ...] | None]:
    """Return the graph, and another size of input that it takes; None where it takes only the one size.

    Without `sizes` the size is fixed even where the network takes others.

    Raises:
        ExportError: The network decides something by values, or fixes the batch; the line is named.
    """
    other = _other(subject) if sizes else None
    if other is not None:
        try:
            free = _exported(subject, sizes=True)
        except ExportError:
            return _exported(subject, sizes=False), None
        if _agrees(free, subject, other):
            return free, other
    return _exported(subject, sizes=False), None


def _exported(subject: Subject, *, sizes: bool) -> ExportedProgram:
    free = {
        0: Dim.DYNAMIC,
        **({axis: Dim.AUTO for axis in range(2, len(subject.input) + 1)} if sizes else {}),
    }
    try:
        return _traced(subject, free)
    except (ConstraintViolationError, UserError) as error:
        where = _fixing(_traced(subject, {}).graph.nodes)
        raise ExportError(
            f"the network fixes the batch{where}; where it reads the batch as a number, as by len(x), it "
            "must write x.shape[0]."
        ) from error
    except GuardOnDataDependentSymNode as error:
        raise ExportError(
            f"the network decides by a value{line(error)}, and a graph has one way only; write it without a "
            "condition, as by torch.where."
        ) from error
    except USER_ERRORS as error:
        reason = format_error(error)[:300]
        raise ExportError(f"the network cannot be written as one graph{line(error)}: {reason}") from error


def _traced(subject: Subject, free: dict[int, Any]) -> ExportedProgram:
    example = subject.random(BATCH, subject.input[1:])
    with quiet(), torch.no_grad():
        return torch.export.export(subject.net, (example,), dynamic_shapes=(free,))


def line(error: BaseException) -> str:
    """Return ` at FILE:LINE (code)` for the innermost frame that is neither torch's nor ours."""
    packages = (str(Path(torch.__file__).parent), str(Path(__file__).parent), "<")
    frames = [f for f in extract_tb(error.__traceback__) if not f.filename.startswith(packages)]
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


def _fixing(nodes: Iterable[Node]) -> str:
    """Return the place of the first node that has the batch as a number among its arguments."""
    for node in nodes:
        if node.op == "call_function" and BATCH in tree_leaves((node.args, node.kwargs)):
            return place(node)
    return ""


def _other(subject: Subject) -> tuple[int, ...] | None:
    """Return a larger size that the network takes without complaint; None if it takes none of those tried."""
    for step in STEPS:
        space = tuple(size + step for size in subject.input[1:])
        try:
            with torch.no_grad():
                output = subject.net(subject.random(1, space))
        except (*USER_ERRORS, NetwrightError):
            continue
        return space if isinstance(output, Tensor) else None
    return None


def _agrees(exported: ExportedProgram, subject: Subject, space: tuple[int, ...]) -> bool:
    """Return whether the graph takes inputs of another size and gives what the network gives."""
    inputs = subject.random(3, space)
    try:
        with torch.no_grad():
            mine, theirs = subject.net(inputs), exported.module()(inputs)
    except USER_ERRORS:
        return False
    return bool(mine.shape == theirs.shape and torch.allclose(mine, theirs, rtol=1e-4, atol=1e-5))


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out what torch's exporters log and warn about themselves; what fails is reported by an error."""
    logger = logging.getLogger("torch")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
