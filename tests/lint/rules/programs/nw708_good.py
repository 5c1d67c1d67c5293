import torch
from torch import nn

net = nn.Linear(4, 2)
net.load_state_dict(torch.load("weights.pt", weights_only=True))
options = {"weights_only": True}
state = torch.load("weights.pt", **options)
