"""A summary as JSON, in a schema with a version.

`schema` is `netwright.summary/1`; the number rises when a key changes its meaning or goes. Shapes are lists
without the batch, places `file:line:column`. `totals` and each of `rows` (the network first, then modules and
operations in the order they ran, `depth` telling the tree) hold

- `params`, `trainable`: numbers in parameters, each tensor once; `param_bytes` their bytes (totals only);
- `macs`, `backward_macs`: multiply-accumulates of one example; `flops` twice `macs` (totals only);
- `saved_bytes`: what training keeps for the backward pass, for the recorded `batch`;
- `saved_inexact`: reasons why those bytes may be others, as where oneDNN or cuDNN has its own workspace;
- `sees`: the receptive field as the table has it, without marks; `sees_with_norms` the same with the
  statistics counted that norms take in evaluation, null where it is no different;
- `receptive_field` (totals only): that of the first output, for each `axis` (counted with the batch) of each
  `input`: its `kind`, `size`, `stride` and the `offset` of its first position, if each unit `covers` the
  input, whether it is only a `bound`; `with_norms`, where norms read all they take statistics of in the
  recorded mode; `holes` inside a field, and positions that no unit of the output reads (`unread`), both null
  where that is not known (past an operation without a rule, or holes along more than 2,048 positions);
- `never_read` (totals only): inputs of which no output reads some positions: `input`, `axes` (each with its
  `axis`, `size` and `positions`), the `share` of the input that is certainly lost, and `lost`, the first
  layer or operation that no longer reads one of them;
- `uncounted`: operations that may have MACs and no rule.

`memory` is there when an optimiser was named, `failure` when the forward pass raised.
"""

from json import dumps
from typing import TYPE_CHECKING, Any

from netwright.analysis.explain import explain
from netwright.analysis.tree import Row
from netwright.receptive.unread import Unread

if TYPE_CHECKING:
    from netwright.analysis.memory import Memory
    from netwright.analysis.summary import Summary

SCHEMA = "netwright.summary/1"


def json(summary: "Summary", memory: "Memory | None" = None) -> str:
    """The facts as indented JSON."""
    return dumps(document(summary, memory), indent=2)


def document(summary: "Summary", memory: "Memory | None" = None) -> dict[str, Any]:
    """The facts as plain lists, dicts, numbers and text."""
    graph = summary.graph
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "name": summary.name,
        "recorded": graph.mode,
        "training": graph.training,
        "batch": graph.batch,
        "inputs": [{"shape": list(info.shape), "dtype": info.dtype} for info in graph.inputs],
        "outputs": [{"shape": list(info.shape), "dtype": info.dtype} for info in graph.outputs],
        "totals": _totals(summary),
        "notes": [*graph.notes, *summary.remarks],
        "rows": [_row(summary, row) for row in summary.rows],
    }
    if memory is not None:
        found["memory"] = memory.document()
    explanation = explain(graph)
    if explanation is not None and graph.failure is not None:
        found["failure"] = {
            "module": graph.failure.module,
            "error": graph.failure.error,
            "message": graph.failure.message,
            "where": _place(graph.failure.where),
            "what": explanation.what,
            "evidence": list(explanation.evidence),
            "fix": explanation.fix,
        }
    return found


def _totals(summary: "Summary") -> dict[str, Any]:
    return {
        "params": summary.params,
        "trainable": summary.trainable,
        "param_bytes": summary.parameters.bytes,
        "macs": summary.macs,
        "flops": summary.flops,
        "backward_macs": summary.backward_macs,
        "saved_bytes": summary.saved_bytes,
        "saved_inexact": list(summary.tree.inexact),
        "sees": summary.sees(summary.tree),
        "sees_with_norms": summary.sees_with_norms(summary.tree) or None,
        "receptive_field": _receptive_field(summary),
        "never_read": [_never_read(gone) for gone in summary.unread],
        "uncounted": list(summary.uncounted),
    }


def _receptive_field(summary: "Summary") -> list[dict[str, Any]]:
    outputs = summary.graph.outputs
    known = outputs and outputs[0].key in summary.fields
    return summary.fields.document(outputs[0].key) if known else []


def _never_read(gone: Unread) -> dict[str, Any]:
    axes = zip(gone.axes, gone.sizes, gone.positions, strict=True)
    return {
        "input": gone.input,
        "axes": [{"axis": axis, "size": size, "positions": list(which)} for axis, size, which in axes],
        "share": gone.share,
        "lost": gone.lost or None,
    }


def _row(summary: "Summary", row: Row) -> dict[str, Any]:
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
        "sees": summary.sees(row),
        "sees_with_norms": summary.sees_with_norms(row) or None,
        "calls": row.calls,
        "aliases": list(row.aliases),
        "built": _place(row.built),
        "called": _place(row.called),
        "uncounted": list(row.uncounted),
    }


def _place(line: object) -> str | None:
    return None if line is None else str(line)
