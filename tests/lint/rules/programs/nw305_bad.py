# check: Net 3x8x8
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 3, 3, bias=False),
            nn.BatchNorm2d(3),  # NW305
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.layers(x)
