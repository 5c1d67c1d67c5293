# check: Net 1x8x8
import torch
from torch import nn
from torch.nn import functional as F


class Gate(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.value, self.gate = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x):
        return torch.tanh(self.value(x)) * torch.sigmoid(self.gate(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.shallow = nn.Sequential(nn.Flatten(), nn.Linear(64, 32))
        for _ in range(3):
            self.shallow += nn.Sequential(nn.Tanh(), nn.Linear(32, 32))
        self.shallow.append(nn.LayerNorm(32))
        self.gates = nn.Sequential(*(Gate(32) for _ in range(6)))
        self.normed = nn.Sequential()
        for _ in range(6):
            self.normed += nn.Sequential(nn.Linear(32, 32, bias=False), nn.BatchNorm1d(32), nn.Sigmoid())
        self.residual = nn.ModuleList(nn.Linear(32, 32) for _ in range(6))
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        x = self.normed(self.gates(self.shallow(x)))
        for layer in self.residual:
            x = x + torch.tanh(layer(x))
        return torch.sigmoid(self.head(x))
