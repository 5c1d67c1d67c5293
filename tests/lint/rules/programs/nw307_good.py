# check: Net 4x8
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 2)
        self.query = nn.Linear(8, 8)

    def forward(self, x):
        token = x[:, :1]
        scores = self.query(token) @ token.transpose(1, 2) / 8**0.5
        return self.head(x).softmax(2), scores.softmax(-1) @ token
