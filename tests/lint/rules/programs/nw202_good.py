# check: Net 8
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.used = nn.Linear(8, 4)
        self.early = nn.Linear(4, 4)
        self.frozen = nn.Linear(4, 4).requires_grad_(False)
        self.table = nn.Parameter(torch.zeros(4))

    def forward(self, x):
        y = self.used(x)
        z = torch.zeros_like(y)
        z[:, :] = self.table
        return (y, self.early(y)) if self.training else y + z
