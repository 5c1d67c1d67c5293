"""Record one training step as a whole: forward pass, loss, backward pass and the optimizer's step.

The step runs on tensors without data, so that it takes the memory of none of them, and the lifetimes are
those that Python and autograd give to real tensors. The peaks are therefore exact: they are the bytes of
every storage that is alive, as an eager step on the CPU allocates them.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from netwright.arithmetic.shape import show
from netwright.errors import ShapeError
from netwright.trace.allocation import Allocations
from netwright.trace.clone import Cloner
from netwright.trace.inputs import tensors
from netwright.trace.observe import unchanged_randomness
from netwright.trace.usercode import UserCode, format_error

TRUE = {"16-true": torch.float16, "bf16-true": torch.bfloat16, "64-true": torch.float64}
_MIXED = {"16-mixed": torch.float16, "bf16-mixed": torch.bfloat16}


@dataclass(frozen=True)
class Practice:
    """How a step is taken.

    Args:
        targets: makes the targets of a batch of that many examples, as `loss` takes them.
        loss: the loss of an output and its targets, a scalar.
        optimizer: makes the optimizer of a network.
        precision: the number format, as lightning-fabric names it.
        stored: the dtype of the examples before they are normalised; the loader keeps both batches.
        average: whether a moving average of the weights is kept.
    """

    targets: Callable[[int], Any]
    loss: Callable[[Tensor, Any], Tensor]
    optimizer: Callable[[nn.Module], Optimizer]
    precision: str = "32-true"
    stored: torch.dtype = torch.float32
    average: bool = False


@dataclass(frozen=True)
class Step:
    """Bytes of one training step.

    Args:
        batch: examples in the step.
        mode: `fake` (without data) or `real` (run on the CPU, where the network looks at values).
        output: shape of the output, with the batch.
        weights: bytes of parameters and buffers, with those of the moving average.
        state: bytes of the optimizer's state.
        examples: bytes of the batch and its targets.
        forward: the peak of the forward pass and the loss.
        backward: the peak of the backward pass.
        update: the peak of the optimizer's step.
        bound: the most bytes together with what the kernels of convolutions allocate beside their results.
    """

    batch: int
    mode: Literal["fake", "real"]
    output: tuple[int, ...]
    weights: int
    state: int
    examples: int
    forward: int
    backward: int
    update: int
    bound: int

    @property
    def peak(self) -> int:
        """The most bytes at any time."""
        return max(self.forward, self.backward, self.update)

    @property
    def reserve(self) -> int:
        """Bytes beyond the peak that kernels may take for themselves."""
        return self.bound - self.peak


def record_step(net: nn.Module, shape: tuple[int, ...], batch: int, practice: Practice) -> Step:
    """Record a step of a clone of `net` in training mode; the module itself stays untouched.

    The optimizer has its state already, so this is any step but the first. A step that fails without data is
    run with numbers on the CPU, at its full size.

    Args:
        net: any module with one input.
        shape: shape of one example, without the batch.
        batch: examples in the step.
        practice: how the step is taken.

    Raises:
        ShapeError: the network, the loss or the optimizer fails on such a batch.
    """
    step, error = _attempt(net, shape, batch, practice, fake=True)
    if error is not None:  # whoever looks at values may raise anything, and NumPy takes real numbers only
        step, error = _attempt(net, shape, batch, practice, fake=False)
    if step is None:
        assert error is not None
        raise ShapeError(
            f"a step on {batch} example{'s' * (batch != 1)} of {show(shape)} fails: {format_error(error)}."
        ) from error
    return step


def _attempt(
    net: nn.Module, shape: tuple[int, ...], batch: int, practice: Practice, *, fake: bool
) -> tuple[Step | None, BaseException | None]:
    step = None
    with unchanged_randomness(), UserCode() as caught, without_data() if fake else nullcontext():
        step = _taken(net, shape, batch, practice, fake=fake)
    caught.forget()
    return step, caught.error


@cache
def without_data() -> AbstractContextManager[Any]:
    """Return the mode of tensors without data; there is one, because torch remembers results in it."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    return FakeTensorMode(allow_non_fake_inputs=True)


def _taken(net: nn.Module, shape: tuple[int, ...], batch: int, practice: Practice, *, fake: bool) -> Step:
    """Take one step of a clone as the training loop does, with the same lifetimes, and count its storages."""
    clone = Cloner(partial(copied, TRUE.get(practice.precision), fake=fake)).module(net).train()
    optimizer = practice.optimizer(clone)
    watch = Allocations([*clone.parameters(), *clone.buffers()], fake=fake)
    own = watch.now
    _initialise(clone, optimizer, watch)
    state = watch.now - own
    average = torch.empty(own if practice.average else 0, dtype=torch.uint8)
    stored = torch.zeros((batch, *shape), dtype=practice.stored)
    inputs = torch.zeros((batch, *shape), dtype=TRUE.get(practice.precision, torch.float32))
    targets = practice.targets(batch)
    watch.hold([average, stored, inputs, *tensors(targets)])
    with watch:
        output = output_of(clone, inputs, practice.precision)
        loss = practice.loss(output, targets)
        forward = watch.restart()
        loss.backward()
        backward = watch.restart()
        optimizer.step()
    weights = own + average.nbytes
    return Step(
        batch,
        "fake" if fake else "real",
        tuple(output.shape),
        weights,
        state,
        watch.start - weights - state,
        forward,
        backward,
        watch.peak,
        watch.bound,
    )


def copied(dtype: torch.dtype | None, tensor: Tensor, *, fake: bool) -> Tensor:
    """Return the clone's own tensor, in the number format of the weights."""
    kind = dtype if dtype is not None and tensor.is_floating_point() else tensor.dtype
    if fake:
        return torch.empty_strided(tensor.shape, tensor.stride(), dtype=kind)
    return tensor.cpu().to(kind, copy=True)


def _initialise(net: nn.Module, optimizer: Optimizer, watch: Allocations) -> None:
    """Let the optimizer make its state, by a step on gradients of zero."""
    with watch:
        for parameter in net.parameters():
            parameter.grad = torch.zeros_like(parameter) if parameter.requires_grad else None
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)


def output_of(net: nn.Module, inputs: Tensor, precision: str) -> Tensor:
    """Return the output in single precision, as lightning-fabric converts it."""
    mixed = _MIXED.get(precision)
    with torch.autocast("cpu", mixed) if mixed else nullcontext():
        output: Tensor = net(inputs)
    return output.to(torch.float32)
