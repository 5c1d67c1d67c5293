# check: Net 3x32x32
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 4, stride=4)
        self.head = nn.Linear(4, 10)

    def forward(self, x):
        x = self.conv(x).relu()
        windows = x.permute(0, 2, 3, 1).reshape(-1, 4)
        return self.head(windows).reshape(x.shape[0], -1, 10).mean(1)
