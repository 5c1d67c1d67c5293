# check: Net 3x64x64
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.narrow = nn.Conv2d(64, 4, 1)
        self.wide = nn.Conv2d(4, 64, 3, padding=1)
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(64, 4, 1), nn.ReLU())
        self.excite = nn.Sequential(nn.Conv2d(4, 64, 1), nn.Sigmoid())
        self.head = nn.Conv2d(64, 5, 1)

    def forward(self, x):
        x = self.pool(self.stem(x)).relu()
        x = x + self.wide(self.narrow(x).relu())
        x = x * self.excite(self.squeeze(x))
        return self.head(x).mean((2, 3))
