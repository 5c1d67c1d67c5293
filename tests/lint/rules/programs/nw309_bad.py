# check: Net 1x8x8
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.Tanh(),  # NW309 as in the old days
            nn.MaxPool2d(2),
            nn.Conv2d(16, 16, 3, padding=1),
            nn.Tanh(),  # NW309
        )
        self.hidden = nn.ModuleList(nn.Linear(64, 64) for _ in range(3))
        self.last = nn.Linear(64, 64)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(self.features(x), 2).flatten(1)
        for layer in self.hidden:
            x = torch.sigmoid(layer(x))  # NW309
        return self.head(F.dropout(self.last(x), training=self.training).tanh())  # NW309
