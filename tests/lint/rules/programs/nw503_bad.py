# check: Net 3x8x8
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 4)
        self.gate = nn.Softmax()  # NW503: of rank 4, over the channels
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(3 * 8 * 4, 10),
            nn.LogSoftmax(dim=None),  # NW503
        )

    def forward(self, x):
        y = self.gate(self.head(x))
        rows = F.softmax(y.flatten(2))  # NW503: of rank 3, over the batch
        return self.layers(y), F.softmin(rows.mean(2))  # NW503
