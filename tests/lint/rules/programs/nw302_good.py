# check: Net 8
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(8, 8), nn.Linear(8, 8)

    def forward(self, x):
        x = self.first(x).tanh().relu()
        y = torch.sigmoid(x)
        return F.relu(self.second(y)) * y, F.elu(F.relu(x))
