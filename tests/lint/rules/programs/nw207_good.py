# check: Net 4x8x8
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.stem = nn.Conv2d(4, 4, 1)

    def forward(self, x):
        x = self.stem(x).relu()
        return (self.conv(x) + x).relu()
