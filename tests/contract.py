"""What every block must satisfy, in every dimension: `check` raises where one does not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import pytest
import torch
from torch import Tensor, nn

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """A block and its promise: `build()` makes it, `out(*shapes)` is the shape it owes for such inputs.

    `inputs(space)` gives the shapes without batch for one random space; `low` is the smallest side;
    `bfloat16` is False where torch itself has no such kernel for the CPU.
    """

    name: str
    dims: int
    build: Callable[[], nn.Module]
    inputs: Callable[[Shape], Sequence[Shape]]
    out: Callable[..., Shape]
    low: int = 2
    bfloat16: bool = True

    def examples(self, seed: int, batch: int = 3, dtype: torch.dtype = torch.float32) -> list[Tensor]:
        drawn = Random(seed)
        space = tuple(self.low + drawn.randrange(4) for _ in range(self.dims))
        noise = torch.Generator().manual_seed(seed)
        return [torch.randn(batch, *s, generator=noise).to(dtype) for s in self.inputs(space)]

    def built(self) -> nn.Module:
        """The block with every parameter moved off its starting value, so that no zero hides a path."""
        torch.manual_seed(0)
        net = self.build()
        for parameter in net.parameters():
            parameter.data += 0.1 * torch.randn_like(parameter)
        return net


def check(case: Case) -> None:
    for promise in (shape, gradient, untouched, unshared, alone, precision, exported):
        promise(case)


def shape(case: Case) -> None:
    """The promised shape is the actual one, whatever the size."""
    net = case.built()
    for seed in range(4):
        x = case.examples(seed, batch=2)
        promised = (2, *case.out(*[tuple(t.shape[1:]) for t in x]))
        assert net(*x).shape == promised, f"{case.name}: {[t.shape for t in x]}"


def gradient(case: Case) -> None:
    """A gradient that is not zero reaches every parameter and every input."""
    net, x = case.built(), [t.requires_grad_() for t in case.examples(1)]
    net(*x).square().sum().backward()
    lost = [name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()]
    assert lost == []
    assert all(t.grad is not None and bool(t.grad.isfinite().all()) for t in x)


def untouched(case: Case) -> None:
    """The input is not written to."""
    x = case.examples(2)
    before = [t.clone() for t in x]
    case.built()(*x)
    assert all(map(torch.equal, x, before))


def unshared(case: Case) -> None:
    """Two instances share no parameter and no buffer; within one, no module stands twice."""
    one, two = case.built(), case.built()
    memory = [{t.data_ptr() for t in (*net.parameters(), *net.buffers())} for net in (one, two)]
    assert not memory[0] & memory[1]
    assert len(list(one.named_modules(remove_duplicate=False))) == len(list(one.modules()))


def alone(case: Case) -> None:
    """In evaluation a batch gives what its examples give one by one."""
    net, x = case.built().eval().double(), case.examples(3, dtype=torch.float64)
    single = torch.cat([net(*[t[i : i + 1] for t in x]) for i in range(len(x[0]))])
    torch.testing.assert_close(net(*x), single)


def precision(case: Case) -> None:
    """Float64 and bfloat16 stay what they are, and stay near each other."""
    if not case.bfloat16:
        with pytest.raises(NotImplementedError):
            case.built().eval().bfloat16()(*case.examples(3, dtype=torch.bfloat16))
        return
    outs = [
        case.built().eval().to(dtype)(*case.examples(3, dtype=dtype))
        for dtype in (torch.float64, torch.bfloat16)
    ]
    assert [out.dtype for out in outs] == [torch.float64, torch.bfloat16]
    error = (outs[0] - outs[1].double()).square().mean() / outs[0].square().mean()
    assert error < 0.01


def exported(case: Case) -> None:
    """`torch.export` takes it, and the exported program gives the same."""
    net, x = case.built().eval(), case.examples(0)
    program = torch.export.export(net, tuple(x))
    torch.testing.assert_close(program.module()(*x), net(*x))
