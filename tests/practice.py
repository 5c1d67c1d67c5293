"""Training steps on real numbers, as the loop takes them, beside the practice by which they are recorded."""

import torch
import torch.nn.functional as F
from torch import nn

from allocated import most
from netwright.trace.step import Practice


def momentum(net):
    return torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, fused=True)


def adamw(net):
    return torch.optim.AdamW(net.parameters(), lr=0.1, fused=True)


def classes(batch):
    return torch.zeros(batch, dtype=torch.long)


def maps(*sizes):
    return lambda batch: torch.zeros(batch, *sizes, dtype=torch.long)


def practice(targets=classes, loss=F.cross_entropy, optimizer=momentum, **options):
    return Practice(targets, loss, optimizer, **options)


def measured(net: nn.Module, shape, batch, way: Practice):
    """Return the most bytes that the allocator hands out for a second step, with all that is held."""
    net = net.train()
    optimizer = way.optimizer(net)
    stored = torch.zeros((batch, *shape), dtype=way.stored)
    inputs, targets = torch.randn(batch, *shape), way.targets(batch)

    def step():
        output = net(inputs)
        way.loss(output, targets).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    step()
    state = [v for values in optimizer.state.values() for v in values.values() if isinstance(v, torch.Tensor)]
    held = [*net.parameters(), *net.buffers(), *state, stored, inputs, targets]
    return sum(tensor.nbytes for tensor in held) + most(step)
