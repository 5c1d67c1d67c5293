# check: Net 3x8x8
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 4)
        self.gate = nn.Softmax(1)
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x):
        y = self.gate(self.head(x)).mean(1)
        y = self.attention(y, y, y)[0]
        options = {"dim": -1}
        return F.log_softmax(y, **options), F.softmax(y, -1), torch.softmax(y, dim=2), y.softmax(1)
