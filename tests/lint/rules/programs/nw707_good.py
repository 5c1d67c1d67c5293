import sys

import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
enough = ReduceLROnPlateau(optimizer, patience=2)
unknown = ReduceLROnPlateau(optimizer, patience=50)
unused = ReduceLROnPlateau(optimizer, patience=50)

for epoch in range(30):
    enough.step(1.0)
for epoch in range(int(sys.argv[1])):
    unknown.step(1.0)
