import torch
from torch import nn
from torch.nn import functional as F

net = nn.Linear(4, 2)


def penalised(x, y):
    return F.cross_entropy(net(x), y) + 1e-4 * sum(p.pow(2.0).sum() for p in net.parameters())  # NW709


def in_a_loop(x, y):
    penalty = torch.zeros(())
    for p in net.parameters():
        penalty += (p**2).sum()  # NW709
    return F.cross_entropy(net(x), y) + 1e-4 * penalty
