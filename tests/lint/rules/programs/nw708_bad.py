import torch
from torch import nn

net = nn.Linear(4, 2)
state = torch.load("weights.pt", map_location="cpu")  # NW708
net.load_state_dict(state)
net.load_state_dict(torch.load("weights.pt"))  # NW708
any_code = torch.load("model.pt", weights_only=False)  # NW708
checkpoint = torch.load("checkpoint.pt")  # NW708
net.load_state_dict(checkpoint["net"])
whole = torch.load("model.pt").to("cpu")  # NW708
whole.eval()
