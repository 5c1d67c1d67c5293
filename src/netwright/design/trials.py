"""Recorded training steps of one network on one data set, by patch and batch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from netwright.arithmetic.grid import Grid
from netwright.data.examples import Data
from netwright.data.kinds import Kind, Targets
from netwright.data.task import Task
from netwright.receptive.grid import grid
from netwright.trace.step import Practice, Step, record_step

ACCELERATOR = 64 * 2**20
"""Bytes that the libraries of an accelerator take for themselves, beside copies of operands."""


def momentum(net: nn.Module) -> torch.optim.Optimizer:
    """Return the optimizer that a plan counts by default: SGD with momentum, in one fused step."""
    return torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, fused=True)


@dataclass(frozen=True)
class Setup:
    """What the memory of a step depends on, beside network, data, patch and batch.

    Args:
        optimizer: makes the optimizer of a network.
        precision: the number format, as lightning-fabric names it: "32-true", "bf16-mixed" and so on.
        average: whether a moving average of the weights is kept.
        device: "cpu" or "cuda".
        spacing: the distance between positions along each axis, of every example, or one for all.
    """

    optimizer: Callable[[nn.Module], torch.optim.Optimizer] = momentum
    precision: str = "32-true"
    average: bool = False
    device: str = "cpu"
    spacing: tuple[tuple[float, ...], ...] = ()


class Trials:
    """Steps of a network on a data set; each is recorded once.

    Args:
        net: the network; it stays untouched.
        data: the data, of which only types and shapes are used.
        task: what the network is for: it encodes the targets and has the loss.
        setup: what else the memory of a step depends on.
        held: bytes that the data itself takes all the time.
    """

    def __init__(self, net: nn.Module, data: Data, task: Task, setup: Setup, held: int):
        self.net, self.data, self.task, self.setup, self.held = net, data, task, setup, held
        self._steps: dict[tuple[tuple[int, ...], int], Step] = {}
        self._grids: dict[tuple[int, ...], Grid | None] = {}

    def step(self, sizes: tuple[int, ...], batch: int) -> Step:
        """Return the step on a batch of examples of these sizes of space.

        Raises:
            ShapeError: The network or the loss fails on it.
        """
        if (sizes, batch) not in self._steps:
            shape = (self.data.channels, *sizes)
            if sizes not in self._grids:
                self._grids[sizes] = grid(self.net, shape)
            practice = Practice(
                partial(self._targets, sizes, self._grids[sizes]),
                self._loss,
                self.setup.optimizer,
                self.setup.precision,
                self._stored,
                self.setup.average,
            )
            self._steps[sizes, batch] = record_step(self.net, shape, batch, practice)
        return self._steps[sizes, batch]

    def peak(self, sizes: tuple[int, ...], batch: int) -> int:
        """Return the most bytes that such a training takes, with the data and the reserve."""
        return sum(self.parts(sizes, batch).values())

    def parts(self, sizes: tuple[int, ...], batch: int) -> dict[str, int]:
        """Return the bytes of which the peak consists, by name."""
        step = self.step(sizes, batch)
        rest = step.peak - step.weights - step.state - step.examples
        return {
            "data": self.held,
            "weights": step.weights,
            "optimizer": step.state,
            "batch": step.examples,
            "activations and gradients": rest,
            "reserve for kernels": step.reserve + (ACCELERATOR if self.setup.device != "cpu" else 0),
        }

    @property
    def _stored(self) -> torch.dtype:
        """The type of a batch before it is normalised: 8-bit values stay as they are."""
        kept = self.data.train.inputs[0].dtype == torch.uint8
        return torch.uint8 if kept else torch.float32

    def _targets(self, sizes: tuple[int, ...], where: Grid | None, batch: int) -> tuple[Tensor, Targets]:
        """Return the encoded targets of a batch, and those from which they were made, which are kept too."""
        raw = {kind: _empty(kind, stack[0], sizes, batch) for kind, stack in self.data.train.targets.items()}
        return self.task.encode(raw, where), raw

    def _loss(self, output: Tensor, targets: tuple[Tensor, Targets]) -> Tensor:
        return self.task.loss(output, targets[0])


def _empty(kind: Kind, example: Tensor, sizes: tuple[int, ...], batch: int) -> Any:
    """Return targets of the kind and type of an example, for a batch of inputs of these sizes."""
    if kind is Kind.BOXES:
        return [torch.zeros(example.shape) for _ in range(batch)]
    dtype = torch.int64 if kind is Kind.MASK else example.dtype
    lead = example.shape[: example.ndim - len(sizes)]
    return torch.zeros((batch, *lead, *sizes) if kind.dense else (batch, *example.shape), dtype=dtype)


def held(data: Data) -> int:
    """Return the bytes of the splits that lie in memory as one tensor each; memory maps do not count."""
    splits = (data.train, data.valid, data.test)
    stacks = [stack for split in splits for stack in (split.inputs, *split.targets.values())]
    return sum(stack.nbytes for stack in stacks if isinstance(stack, Tensor))
