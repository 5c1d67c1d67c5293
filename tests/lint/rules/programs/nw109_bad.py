# check: Net 3x32x32
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.even = nn.Conv2d(8, 8, 4, padding=2)  # NW109
        self.pool = nn.MaxPool2d(2, stride=1)  # NW109
        self.odd = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        x = self.stem(x).relu()
        x = x + self.even(x)[:, :, 1:, 1:]
        x = torch.cat([x, self.pool(F.pad(x, (0, 1, 0, 1)))], 1)[:, :8]
        return x + self.odd(x)
