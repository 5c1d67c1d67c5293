# check: Net 8
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.used = nn.Linear(8, 4)
        self.forgotten = nn.Linear(4, 4)  # NW202
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x):
        return self.used(x) * self.scale
