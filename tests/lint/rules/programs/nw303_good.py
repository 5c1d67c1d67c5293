# check: Net 16
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.low_rank = nn.Sequential(nn.Linear(16, 2), nn.Linear(2, 16))
        self.deep = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 10))
        self.dropped = nn.Sequential(nn.Linear(16, 32), nn.Dropout(), nn.Linear(32, 10))
        self.inner, self.outer = nn.Linear(16, 16), nn.Linear(16, 4)

    def forward(self, x):
        y = self.inner(x)
        return self.deep(self.low_rank(x).relu()), self.dropped(x), self.outer(y), y
