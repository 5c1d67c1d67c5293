"""A network as one graph of torch operations, with a free batch, and a free size where it allows that."""

import io
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch._dynamo.exc import UserError
from torch.export import Dim, ExportedProgram
from torch.fx.experimental.symbolic_shapes import ConstraintViolationError, GuardOnDataDependentSymNode
from torch.utils._sympy.numbers import int_oo

from netwright.arithmetic.shape import show
from netwright.errors import USER_ERRORS, ExportError
from netwright.prediction.place import line, parting
from netwright.prediction.sizes import Shape, Sizes, sizes
from netwright.prediction.subject import Subject
from netwright.trace.usercode import format_error

BATCH = 7
"""The batch of the recorded run."""


@dataclass(frozen=True)
class Program:
    """A graph, and what is known of its input.

    Args:
        graph: The graph.
        input: The shape of its input, with the free axes as names: `size0`, or `2*size0` for an even one.
        names: The name of each symbol in the shapes of the graph.
        other: Another size that the graph takes; None where it takes only the one size.
        limits: Why a size is not free, or how far it is; empty where every size is free.
    """

    graph: ExportedProgram
    input: tuple[int | str, ...]
    names: Mapping[str, str]
    other: Shape | None = None
    limits: str = ""


def program(subject: Subject, *, fixed: str = "") -> Program:
    """Return the graph of a network.

    Args:
        subject: The network.
        fixed: Why the size must be fixed, even where the network takes others.

    Raises:
        ExportError: The network decides something by values, or fixes the batch; the line is named.
    """
    own = subject.input[1:]
    known = Sizes((), own, fixed) if fixed else sizes(subject)
    if not known.axes:
        return _described(_exported(subject, ()), Sizes((), own, known.fixed))
    try:
        graph = _exported(subject, known.axes)
    except ExportError as error:
        return _described(_exported(subject, ()), Sizes((), own, str(error)))
    made = _described(graph, _unmarked(subject, known, graph))
    if made.other is None or _agrees(graph, subject, made.other):
        return made
    shown = show(subject.input[:1] + made.other)
    return program(subject, fixed=f"a graph of free size does not give what the network gives for {shown}")


def _exported(subject: Subject, axes: tuple[int, ...]) -> ExportedProgram:
    free = {0: Dim.DYNAMIC, **{axis + 2: Dim.AUTO for axis in axes}}
    try:
        return _traced(subject, BATCH, subject.input[1:], free)
    except (ConstraintViolationError, UserError) as error:
        where = parting(*(_traced(subject, count, subject.input[1:]).graph for count in (BATCH, BATCH + 1)))
        raise ExportError(
            f"the network fixes the batch{where}; a graph has no loop over examples, and there the batch "
            "is x.shape[0] instead of len(x). Write the network for the whole batch."
        ) from error
    except GuardOnDataDependentSymNode as error:
        raise ExportError(
            f"the network reads a value as a number{line(error)}, by a condition, float() or int(), and a "
            "graph has one way for all values; keep it in tensors, as by torch.where."
        ) from error
    except USER_ERRORS as error:
        reason = format_error(error)[:300]
        raise ExportError(f"the network cannot be written as one graph{line(error)}: {reason}") from error


def _traced(
    subject: Subject, batch: int, space: Shape, free: Mapping[int, Any] | None = None
) -> ExportedProgram:
    with quiet(), torch.no_grad():
        example = subject.random(batch, space)
        return torch.export.export(subject.net, (example,), dynamic_shapes=(dict(free or {}),))


def _described(graph: ExportedProgram, known: Sizes) -> Program:
    """Return a graph with the names of the free axes of its input."""
    shape = _shape(graph)
    names: dict[str, str] = {}
    for axis, size in enumerate(shape):
        for symbol in () if isinstance(size, int) else size.free_symbols:
            names.setdefault(str(symbol), f"size{axis - 2}" if axis else "batch")
    limits = [known.fixed] if known.fixed else []
    for symbol, values in graph.range_constraints.items():
        if str(symbol) in names and values.upper != int_oo:
            limits.append(f"{names[str(symbol)]} is at most {values.upper}")
    input = tuple(size if isinstance(size, int) else named(str(size), names) for size in shape)
    return Program(graph, input, names, known.other if known.axes else None, "; ".join(limits))


def named(text: str, names: Mapping[str, str]) -> str:
    """Return a size such as `2*s53` with the names of its symbols."""
    return re.sub(r"\w+", lambda word: names.get(word[0], word[0]), text)


def _shape(graph: ExportedProgram) -> list[Any]:
    """Return the shape of the input: numbers, and expressions of symbols."""
    (name,) = graph.graph_signature.user_inputs
    (node,) = (node for node in graph.graph.nodes if node.name == name)
    sizes = [size if isinstance(size, int) else size.node.expr for size in node.meta["val"].shape]
    return [int(size) if isinstance(size, int) or size.is_Integer else size for size in sizes]


def _unmarked(subject: Subject, known: Sizes, graph: ExportedProgram) -> Sizes:
    """Return the sizes without the axes that the graph has as a number although they should be free."""
    own, shape = subject.input[1:], _shape(graph)
    fixed = [axis for axis in known.axes if isinstance(shape[axis + 2], int)]
    if not fixed:
        return known
    where = parting(*(_traced(subject, BATCH, space).graph for space in (own, known.other)))
    sides = " and ".join(f"size{axis}" for axis in fixed)
    reason = (
        f"the graph has {sides} as a number{where}, as in loops over positions and shapes written as numbers"
    )
    other = tuple(own[axis] if axis in fixed else size for axis, size in enumerate(known.other))
    axes = tuple(axis for axis in known.axes if axis not in fixed)
    return replace(known, axes=axes, other=other, fixed="; ".join(filter(None, (known.fixed, reason))))


def _agrees(graph: ExportedProgram, subject: Subject, space: Shape) -> bool:
    """Return whether the graph takes inputs of another size and gives what the network gives."""
    inputs = subject.random(3, space)
    try:
        with torch.no_grad():
            mine, theirs = subject.net(inputs.clone()), graph.module()(inputs.clone())
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
