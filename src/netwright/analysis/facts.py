"""The facts of a recorded network: shapes, parameters, MACs, memory and receptive field."""

from dataclasses import dataclass
from functools import cached_property

from netwright.analysis import macs
from netwright.analysis.cause.history import folding
from netwright.analysis.params import Count, count, seen
from netwright.analysis.tree import Row, tree
from netwright.arithmetic.shape import show
from netwright.receptive.fields import Field, Fields, fields
from netwright.receptive.unread import Unread, unread
from netwright.trace.graph import Failure, Graph, TensorInfo


@dataclass(frozen=True)
class Facts:
    """The facts of a recorded network; table, JSON, Markdown and HTML are views of them.

    MACs are counted for one example; bytes of activations are those of the recorded batch.

    Args:
        graph: the recorded run.
        name: what the network is called in the views.
    """

    graph: Graph
    name: str

    @cached_property
    def tree(self) -> Row:
        """The row of the whole network, with the other rows under it."""
        return tree(self.graph)

    @property
    def rows(self) -> tuple[Row, ...]:
        """One row for each module and operation, in the order they ran, the network first."""
        return self.tree.all

    @cached_property
    def parameters(self) -> Count:
        """How many parameters there are, how many are trainable, and their bytes.

        Each tensor is counted once; those of modules in plain lists or dicts are left out.
        """
        return count(seen(self.graph))

    @property
    def params(self) -> int:
        """How many parameters there are."""
        return self.parameters.total

    @property
    def trainable(self) -> int:
        """How many parameters training changes."""
        return self.parameters.trainable

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulates of the forward pass of one example."""
        return macs.forward(self.graph)

    @property
    def flops(self) -> int:
        """Floating-point operations of the forward pass of one example: two for each MAC."""
        return 2 * self.macs

    @cached_property
    def backward_macs(self) -> int:
        """Multiply-accumulates of the backward pass of one example."""
        return macs.backward(self.graph)

    @cached_property
    def saved_bytes(self) -> int:
        """Bytes that training saves for the backward pass of the recorded batch, without parameters."""
        return sum(op.saved for op in self.graph.ops)

    @cached_property
    def uncounted(self) -> tuple[str, ...]:
        """The operations that may cost MACs and are not counted."""
        return macs.uncounted(self.graph)

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """What the numbers do not show: hidden parameters, and an output that is not a batch."""
        graph, remarks = self.graph, []
        hidden = sum(p.elements for p in graph.parameters.values() if p.hidden)
        if hidden:
            remarks.append(
                f"{hidden:,} more parameters are in modules held by plain lists or dicts, where no optimizer "
                "finds them; use nn.ModuleList or nn.ModuleDict"
            )
        folded = [info for info in graph.outputs if info.shape and info.shape[0] != graph.batch]
        if folded and all(info.shape[:1] == (graph.batch,) for info in graph.inputs):
            why = _folding(graph, folded[0])
            remarks.append(f"the output is {show(folded[0].shape)} for a batch of {graph.batch}: {why}")
        return tuple(remarks)

    def sees(self, row: Row) -> str:
        """Return the receptive field of a row's output as text, which is empty where there is no output."""
        if row.output is None or row.output.key not in self.fields:
            return ""
        return self.fields[row.output.key].text()

    def sees_with_norms(self, row: Row) -> str:
        """Return the receptive field with the statistics counted that norms take in evaluation.

        The text is empty where it is the same as without them.
        """
        if row.output is None or row.output.key not in self.fields:
            return ""
        plain, strict = self.fields[row.output.key], self.fields.strict(row.output.key, evaluated=True)
        if strict is plain:
            return ""
        return "" if strict.text(holes=False) == plain.text(holes=False) else strict.text()

    @cached_property
    def unread(self) -> tuple[Unread, ...]:
        """The positions of the inputs that no unit of any output reads."""
        return unread(self.fields)

    @cached_property
    def fields(self) -> Fields:
        """The receptive field of every tensor, by the tensor's key."""
        return fields(self.graph)

    @property
    def receptive_field(self) -> Field | None:
        """The receptive field of the network's first output, or None where it returned no tensor."""
        outputs = self.graph.outputs
        return self.fields[outputs[0].key] if outputs and outputs[0].key in self.fields else None

    @property
    def failure(self) -> Failure | None:
        """Why the forward pass ended early, or None where it did not."""
        return self.graph.failure


def _folding(graph: Graph, output: TensorInfo) -> str:
    """Say which view merged the batch with another axis."""
    view = folding(graph, output)
    if view is None:
        return "its first axis is not the batch"
    return f"`{view.name}` at {view.where} merged the batch with another axis; use flatten(1), which keeps it"
