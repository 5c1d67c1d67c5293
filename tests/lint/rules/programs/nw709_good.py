import torch
from torch import nn

net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, weight_decay=2e-4)
sparse = sum(p.abs().sum() for p in net.parameters())
weights = sum(p.pow(2).sum() for p in net.parameters() if p.ndim > 1)
count = sum(p.numel() for p in net.parameters())
