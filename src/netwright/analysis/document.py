"""A summary as JSON, in a schema with a version.

`schema` is `netwright.summary/2`; the number rises when a key changes its meaning or is removed. Shapes are
lists without the batch, and places in source files are `file:line:column`. `totals` and each of `rows` (the
network first, then modules and operations in the order they ran; `depth` is the level in the tree) hold

- `params`, `trainable`: numbers of parameters, each tensor counted once; `param_bytes` (totals only): their
  bytes;
- `macs`, `backward_macs`: multiply-accumulates of one example; `flops` (totals only): twice `macs`;
- `saved_bytes`: bytes that training saves for the backward pass, for the recorded `batch`;
- `saved_inexact`: reasons why these bytes may differ, as where oneDNN or cuDNN has a workspace of its own;
- `sees`: the receptive field as the table shows it, without marks; `sees_with_norms`: the same with the
  statistics counted that norms take in evaluation, or null where it is the same;
- `receptive_field` (totals only): the receptive field of the first output, for each `axis` (counted with the
  batch) of each `input`: its `kind`, `size`, `stride` and the `offset` of its first position, whether each
  unit `covers` the input, and whether it is only an upper `bound`; `with_norms`: the field where norms read
  everything they take statistics of in the recorded mode; `holes` inside a field and the positions that no
  unit of the output reads (`unread`), both null where they are not known (after an operation without a
  reader, or holes along more than 2,048 positions);
- `never_read` (totals only): inputs of which no output reads some positions: `input`, `axes` (each with its
  `axis`, `size` and `positions`), the `share` of the input that is certainly lost, and `lost`, the first
  layer or operation that no longer reads one of them;
- `uncounted`: operations that may cost MACs and are not counted.

`memory` is present when an optimizer was named, and `failure` when the forward pass raised.
"""

from json import dumps
from typing import Any

from netwright.analysis.explain import explain
from netwright.analysis.facts import Facts
from netwright.analysis.memory import Memory
from netwright.analysis.tree import Row
from netwright.receptive.unread import Unread

SCHEMA = "netwright.summary/2"


def json(facts: Facts, memory: Memory | None = None) -> str:
    """Return the facts as indented JSON."""
    return dumps(document(facts, memory), indent=2)


def document(facts: Facts, memory: Memory | None = None) -> dict[str, Any]:
    """Return the facts as plain lists, dicts, numbers and text."""
    graph = facts.graph
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "name": facts.name,
        "recorded": graph.mode,
        "training": graph.training,
        "batch": graph.batch,
        "inputs": [{"shape": list(info.shape), "dtype": info.dtype} for info in graph.inputs],
        "outputs": [{"shape": list(info.shape), "dtype": info.dtype} for info in graph.outputs],
        "totals": _totals(facts),
        "notes": [*graph.notes, *facts.remarks],
        "rows": [_row(facts, row) for row in facts.rows],
    }
    if memory is not None:
        content["memory"] = memory.document()
    explanation = explain(graph)
    if explanation is not None and graph.failure is not None:
        content["failure"] = {
            "module": graph.failure.module,
            "error": graph.failure.error,
            "message": graph.failure.message,
            "where": _place(graph.failure.where),
            "what": explanation.what,
            "evidence": list(explanation.evidence),
            "fix": explanation.fix,
        }
    return content


def _totals(facts: Facts) -> dict[str, Any]:
    return {
        "params": facts.params,
        "trainable": facts.trainable,
        "param_bytes": facts.parameters.bytes,
        "macs": facts.macs,
        "flops": facts.flops,
        "backward_macs": facts.backward_macs,
        "saved_bytes": facts.saved_bytes,
        "saved_inexact": list(facts.tree.inexact),
        "sees": facts.sees(facts.tree),
        "sees_with_norms": facts.sees_with_norms(facts.tree) or None,
        "receptive_field": _receptive_field(facts),
        "never_read": [_never_read(unread) for unread in facts.unread],
        "uncounted": list(facts.uncounted),
    }


def _receptive_field(facts: Facts) -> list[dict[str, Any]]:
    outputs = facts.graph.outputs
    known = outputs and outputs[0].key in facts.fields
    return facts.fields.document(outputs[0].key) if known else []


def _never_read(unread: Unread) -> dict[str, Any]:
    axes = zip(unread.axes, unread.sizes, unread.positions, strict=True)
    return {
        "input": unread.input,
        "axes": [{"axis": axis, "size": size, "positions": list(which)} for axis, size, which in axes],
        "share": unread.share,
        "lost": unread.lost or None,
    }


def _row(facts: Facts, row: Row) -> dict[str, Any]:
    return {
        "path": row.path,
        "kind": row.kind,
        "operation": row.op,
        "depth": row.depth,
        "inputs": [list(shape) for shape in row.inputs],
        "outputs": [list(shape) for shape in row.outputs],
        "params": row.params,
        "trainable": row.trainable,
        "macs": row.macs,
        "backward_macs": row.backward_macs,
        "saved_bytes": row.saved,
        "saved_inexact": list(row.inexact),
        "sees": facts.sees(row),
        "sees_with_norms": facts.sees_with_norms(row) or None,
        "calls": row.calls,
        "aliases": list(row.aliases),
        "built": _place(row.built),
        "called": _place(row.called),
        "uncounted": list(row.uncounted),
    }


def _place(line: object) -> str | None:
    return None if line is None else str(line)
