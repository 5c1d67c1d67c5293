"""An estimate of the peak memory of one training step, from one recorded run.

The estimate counts, with the batch of the recorded run:

- weights and buffers, throughout;
- the state of the optimizer for the trainable parameters: nothing for `sgd`, one tensor of each parameter's
  size for `momentum`, two for `adam` and `adamw` (and a step counter of 4 bytes each);
- in the forward pass: each storage from the operation that makes it to the last one that reads it, or to the
  backward pass where autograd saves it; the input batch and the outputs stay;
- in the backward pass, operation by operation from the last: the gradients of its outputs, of its inputs and
  of the parameters so far, and what is still saved; views, additions and concatenations pass their gradient
  on;
- in the optimizer's step: the gradients, and for `adam` and `adamw` one more tensor of each parameter's size.

The peak is the largest of the three. The estimate leaves out the workspace of a convolution or matrix
product, the allocator's rounding and fragmentation, the CUDA context, and a loss larger than the outputs.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from netwright.analysis.params import count, seen
from netwright.errors import UsageError
from netwright.trace.families import CONCATENATIONS, SUMS, VIEWS
from netwright.trace.graph import Graph, Op, TensorInfo

Optimizer = Literal["sgd", "momentum", "adam", "adamw"]
_STATE = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2}
_LINEAR = SUMS | CONCATENATIONS | VIEWS | {"contiguous", "to"}
"""Operations whose backward pass needs no more than the gradient that it is given."""


@dataclass(frozen=True)
class Memory:
    """Bytes of one training step.

    Args:
        batch: examples in the step.
        optimizer: the optimizer whose state is counted.
        weights: bytes of the parameters.
        buffers: bytes of the buffers.
        gradients: bytes of the gradients of all trainable parameters.
        state: bytes of the optimizer's state.
        saved: bytes of activations that are saved for the backward pass.
        forward: bytes at the peak of the forward pass.
        backward: bytes at the peak of the backward pass.
        step: bytes during the optimizer's step.
    """

    batch: int
    optimizer: Optimizer
    weights: int
    buffers: int
    gradients: int
    state: int
    saved: int
    forward: int
    backward: int
    step: int

    @property
    def peak(self) -> int:
        """The most bytes at any time."""
        return max(self.forward, self.backward, self.step)

    def document(self) -> dict[str, Any]:
        """Return the fields and the peak as plain values."""
        return {**asdict(self), "peak": self.peak}


def memory(graph: Graph, optimizer: str = "sgd") -> Memory:
    """Estimate the peak memory of one training step with the batch of the recorded run.

    Args:
        graph: a run recorded in training mode; see `netwright.trace.record.record`.
        optimizer: `sgd`, `momentum`, `adam` or `adamw`.
    """
    if optimizer not in get_args(Optimizer):
        known = ", ".join(get_args(Optimizer))
        raise UsageError(f"`optimizer` is {optimizer!r}; the estimate knows {known}.")
    parameters = seen(graph)
    weights = count(parameters).bytes
    trained = [p for p in parameters if p.trainable]
    gradients = count(trained).bytes
    state = _STATE[optimizer] * gradients + (4 * len(trained) if _STATE[optimizer] == 2 else 0)
    always = weights + graph.buffers + state
    lives = _Lives(graph)
    forward, backward = lives.forward(), lives.backward()
    return Memory(
        graph.batch,
        optimizer,  # type: ignore[arg-type]  # it is one of the four, checked above
        weights,
        graph.buffers,
        gradients,
        state,
        sum(op.saved for op in graph.ops),
        always + forward,
        always + backward,
        always + lives.held + gradients * (2 if _STATE[optimizer] == 2 else 1),
    )


class _Lives:
    """The lifetime of each storage and gradient."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.own = {info.storage for op in graph.ops for info in op.inputs if info.parameter is not None}
        always = {info.storage for info in (*graph.inputs, *graph.outputs)} - self.own
        self.always = always
        self.held = self._size(always)
        self.saved_from: dict[int, int] = {}
        for op in graph.ops:
            for key in op.saved_storages:
                self.saved_from.setdefault(key, op.index)
        for key in self.own | always:
            self.saved_from.pop(key, None)

    def _size(self, storages: Iterable[int]) -> int:
        return sum(self.graph.storages[key] for key in storages)

    def forward(self) -> int:
        """Return the most bytes that are alive after any operation."""
        ops, end = self.graph.ops, len(self.graph.ops)
        last: dict[int, int] = {}
        for op in ops:
            last |= {info.storage: op.index for info in (*op.inputs, *op.outputs)}
        last |= dict.fromkeys(self.saved_from, end)
        leaving: dict[int, list[int]] = {}
        alive, now, most = set(self.always), self.held, self.held
        for op in ops:
            new = {info.storage for info in op.outputs} | set(op.saved_storages)
            new -= alive | self.own
            alive |= new
            now += self._size(new)
            for key in new:
                leaving.setdefault(last.get(key, end), []).append(key)
            most = max(most, now)
            now -= self._size(leaving.pop(op.index, ()))
        return most

    def backward(self) -> int:
        """Return the most bytes that are alive while any operation's gradient is computed."""
        saved = self.held + self._size(self.saved_from)
        freed: dict[int, list[int]] = {}
        for key, index in self.saved_from.items():
            freed.setdefault(index, []).append(key)
        gradients = _Gradients(self.graph)
        most = 0
        for op in reversed(self.graph.ops):
            most = max(most, saved + gradients.through(op))
            saved -= self._size(freed.pop(op.index, ()))
        return max(most, saved + gradients.now)


class _Gradients:
    """The gradients that are alive during the backward pass."""

    def __init__(self, graph: Graph):
        self.now = 0
        self.of: dict[int, int] = {}
        self.parameters: set[str] = set()
        for info in graph.outputs:
            if info.requires_grad and info.key not in self.of:
                self._put(info, info.bytes)

    def through(self, op: Op) -> int:
        """Return the bytes of gradients just after an operation has computed those of its inputs."""
        self._returned(op)
        if not any(info.key in self.of for info in op.outputs):
            return self.now
        passing = op.name in _LINEAR
        given = sum(self.of.pop(info.key, 0) for info in op.outputs)
        if passing:
            self.now -= given
        for info in op.inputs:
            if info.requires_grad and info.parameter is not None:
                self.now += 0 if info.parameter in self.parameters else info.bytes
                self.parameters.add(info.parameter)
            elif info.requires_grad:
                self._put(info, info.bytes)
        most = max(self.now, given)
        if not passing:
            self.now -= given
        return most

    def _returned(self, op: Op) -> None:
        """Pass the gradient of a tensor that a write changed on to the tensor as it was before."""
        for before, since in op.touched:
            if since.key in self.of:
                self.of.setdefault(before.key, self.of.pop(since.key))

    def _put(self, info: TensorInfo, size: int) -> None:
        """Add the gradient of a tensor; a second one of the same tensor is summed in place."""
        if info.key not in self.of:
            self.of[info.key] = size
            self.now += size
