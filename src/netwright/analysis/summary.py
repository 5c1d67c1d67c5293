"""The facts of a network before its first epoch: shapes, parameters, MACs, memory, receptive field."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import nn

from netwright.analysis import macs
from netwright.analysis.cause.history import folding
from netwright.analysis.params import Count, count, seen
from netwright.analysis.tree import Row, tree
from netwright.arithmetic.shape import show
from netwright.receptive.fields import Field, Fields, fields
from netwright.receptive.unread import Unread, unread
from netwright.trace.graph import Failure, Graph, TensorInfo
from netwright.trace.record import record


@dataclass(frozen=True)
class Summary:
    """The facts of a recorded network; printing it gives the table.

    MACs are per example; activation bytes are those of the recorded batch.
    """

    graph: Graph
    name: str

    @cached_property
    def tree(self) -> Row:
        """The row of the whole network, the others under it."""
        return tree(self.graph)

    @property
    def rows(self) -> tuple[Row, ...]:
        """One row a module and operation, in the order they ran, the network first."""
        return self.tree.all

    @cached_property
    def parameters(self) -> Count:
        """Parameters, trainable ones, bytes; each tensor once, hidden ones (in plain lists) left out."""
        return count(seen(self.graph))

    @property
    def params(self) -> int:
        """Numbers in all parameters."""
        return self.parameters.total

    @property
    def trainable(self) -> int:
        """Numbers in parameters that training changes."""
        return self.parameters.trainable

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulates of the forward pass of one example."""
        return macs.forward(self.graph)

    @property
    def flops(self) -> int:
        """Floating point operations of the same: two a MAC."""
        return 2 * self.macs

    @cached_property
    def backward_macs(self) -> int:
        """Multiply-accumulates of the backward pass of one example."""
        return macs.backward(self.graph)

    @cached_property
    def saved_bytes(self) -> int:
        """Bytes that training keeps for the backward pass, parameters left out, for the recorded batch."""
        return sum(op.saved for op in self.graph.ops)

    @cached_property
    def uncounted(self) -> tuple[str, ...]:
        """Operations that may have MACs and are not counted."""
        return macs.uncounted(self.graph)

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """What the facts alone do not tell: hidden parameters, an output that is not a batch."""
        graph, found = self.graph, []
        hidden = sum(p.elements for p in graph.parameters.values() if p.hidden)
        if hidden:
            found.append(
                f"{hidden:,} more parameters stand in plain lists or dicts: no optimiser will see them"
            )
        folded = [info for info in graph.outputs if info.shape and info.shape[0] != graph.batch]
        if folded and all(info.shape[:1] == (graph.batch,) for info in graph.inputs):
            why = _folding(graph, folded[0])
            found.append(f"the output is {show(folded[0].shape)} for a batch of {graph.batch}: {why}")
        return tuple(found)

    def sees(self, row: Row) -> str:
        """The receptive field of what leaves a row, as text; none where no tensor leaves it."""
        if row.output is None or row.output.key not in self.fields:
            return ""
        return self.fields[row.output.key].text()

    def sees_with_norms(self, row: Row) -> str:
        """The same with the statistics that norms take in evaluation counted; none where it is the same."""
        if row.output is None or row.output.key not in self.fields:
            return ""
        plain, strict = self.fields[row.output.key], self.fields.strict(row.output.key, evaluated=True)
        if strict is plain:
            return ""
        return "" if strict.text(holes=False) == plain.text(holes=False) else strict.text()

    @cached_property
    def unread(self) -> tuple[Unread, ...]:
        """Positions of the inputs that no unit of any output reads."""
        return unread(self.fields)

    @cached_property
    def fields(self) -> Fields:
        """The receptive field of every tensor, by its key."""
        return fields(self.graph)

    @property
    def receptive_field(self) -> Field | None:
        """What the network's first output sees of each input; None where it returned no tensor."""
        outputs = self.graph.outputs
        return self.fields[outputs[0].key] if outputs and outputs[0].key in self.fields else None

    @property
    def failure(self) -> Failure | None:
        """Why the forward pass ended early, if it did."""
        return self.graph.failure

    def __str__(self) -> str:
        """The table in a fixed width."""
        from netwright.analysis.table import text

        return text(self)

    def to_json(self) -> str:
        """The facts as JSON; `netwright.analysis.document` says what the keys mean."""
        from netwright.analysis.document import json

        return json(self)

    def to_markdown(self) -> str:
        """The table as GitHub writes it."""
        from netwright.analysis.markup import markdown

        return markdown(self)

    def _repr_html_(self) -> str:
        """The table for a notebook."""
        from netwright.analysis.markup import html

        return html(self)


def _folding(graph: Graph, output: TensorInfo) -> str:
    """Which view made another first dimension of the batch, if one did."""
    found = folding(graph, output)
    if found is None:
        return "is it folded?"
    return f"`{found.name}` at {found.where} folded the examples into it; `flatten(1)` keeps them apart"


def summary(
    net: nn.Module, input: Any, *, batch: int = 1, training: bool | None = None, name: str = ""
) -> Summary:
    """Record `net` once, on the meta device where it can be, and return its facts.

    Args:
        net: any module; it stays untouched.
        input: shape of one example without batch (3, 32, 32); several shapes in a list; a dict of shapes by
            parameter name; tensors, which bring their batch. `netwright.trace.inputs.Input` gives a dtype.
        batch: examples in the recorded run; it scales `saved_bytes` and nothing else.
        training: record it in training or evaluation mode; by default in the mode it is in.
        name: heads the table; by default the class.

    A forward pass that raises gives the facts up to there, with `failure` set.
    """
    return Summary(record(net, input, batch=batch, training=training), name or type(net).__name__)
