# check: Net 3x8x8
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 8, 4, 2, 1)
        self.last = nn.Conv2d(8, 16, 4)
        self.shared = nn.Conv2d(3, 3, 5, padding=2)

    def forward(self, x):
        small = self.shared(F.adaptive_avg_pool2d(x, 2))
        return self.last(self.down(x).relu()).flatten(1), self.shared(x), small
