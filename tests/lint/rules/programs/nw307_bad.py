# check: Net 8
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 1)
        self.layers = nn.Sequential(
            nn.Linear(8, 1),
            nn.Softmax(dim=1),  # NW307
        )

    def forward(self, x):
        return torch.softmax(self.head(x), dim=1), self.layers(x)  # NW307
