import torch
from torch import nn, optim
from torch.nn import functional as F
from torch.optim.lr_scheduler import ReduceLROnPlateau

conv = nn.Conv2d(3, 8, kernelsize=3)  # NW713
lstm = nn.LSTM(8, 16, batch_frist=True)  # NW713
optimizer = optim.SGD(conv.parameters(), lr=0.1, momentun=0.9)  # NW713
scheduler = ReduceLROnPlateau(
    optimizer,
    verbose=True,  # NW713
)
linear = nn.Linear(8)  # NW713
act = nn.Sigmoid(1)  # NW713
x = torch.cat((conv.weight, conv.weight), dims=1)  # NW713
y = F.softmax(x.flatten(1), axis=1)  # NW713
z = F.interpolate(x, scale_factor=2, align_corner=True)  # NW713
w = torch.permute(x, 0, 2, 3, 1)  # NW713
