"""Recurrent operations, whose kernels keep other things for the backward pass than torch's reference does."""

from netwright.trace.families import RECURRENT
from netwright.trace.graph import Op

_ONEDNN = {"float32", "bfloat16", "float16"}


def inexact(op: Op) -> str:
    """Why the bytes that an operation keeps may differ from the recorded ones; empty where they do not.

    - cuDNN keeps a reserve of its own for every recurrent operation on a GPU;
    - oneDNN does so for an LSTM without projections on the CPU;
    - torch's own CPU kernel copies a batch-first input once a direction.
    """
    if op.name not in RECURRENT or not op.saved:
        return ""
    x = op.inputs[0]
    if x.device not in {"cpu", "meta"}:
        return f"{op.name}: a GPU's kernel keeps a reserve of its own"
    states = [output.shape[-1] for output in op.outputs[1:]]
    projected = len(set(states)) > 1
    if op.name == "lstm" and x.dtype in _ONEDNN and not projected:
        return "lstm: saved as by torch's own kernel; oneDNN on a CPU and cuDNN on a GPU keep more"
    if op.arguments.get("batch_first") and len(x.shape) == 3 and min(x.shape[:2]) > 1:
        return f"{op.name}: a CPU keeps copies of its batch-first input, one a direction"
    return ""
