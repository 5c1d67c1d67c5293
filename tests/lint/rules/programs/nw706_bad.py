import torch
from torch import nn, optim
from torch.optim.lr_scheduler import ReduceLRonPlateau  # NW706

norm = nn.BatchNorm1D(8)  # NW706
optimizer = optim.Adamw(norm.parameters())  # NW706
x = torch.zeros_lik(norm.weight)  # NW706
y = torch.nn.functional.crossentropy(x, x)  # NW706
