# check: Net 8
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc, self.ones = nn.Linear(8, 16), nn.Linear(16, 1)
        nn.init.ones_(self.ones.weight)

    def forward(self, x):
        return self.ones(self.fc(x).relu())
