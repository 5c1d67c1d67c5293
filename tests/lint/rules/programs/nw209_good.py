# check: Net 4x8x8
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(4, 4, 3, padding=1) for _ in range(24))
        self.plain = nn.Sequential(*[nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU()) for _ in range(20)])

    def forward(self, x):
        for layer in self.layers:
            x = x + layer(x).relu()
        return x, self.plain(x)
