# check: Net 3x32x32
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.wide = nn.Conv2d(8, 8, 2, padding=1)
        self.back = nn.Conv2d(8, 8, 2)
        self.causal = nn.Conv2d(8, 8, 4)
        self.dilated = nn.Conv2d(8, 8, 4, padding=3, dilation=2)
        self.down = nn.Conv2d(8, 8, 4, stride=2, padding=1)
        self.alone = nn.Conv2d(8, 8, 4)

    def forward(self, x):
        x = self.stem(x).relu()
        x = x + self.back(self.wide(x))  # one to each side
        x = x + self.causal(F.pad(x, (3, 0, 3, 0)))  # only looks back
        x = x + self.dilated(x)  # seven wide
        y = self.down(x) + F.avg_pool2d(x, 2)
        return self.alone(y)
