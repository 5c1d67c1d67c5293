import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

EPOCHS = 5
net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scheduler = ReduceLROnPlateau(optimizer, patience=EPOCHS)  # NW707
other = ReduceLROnPlateau(optimizer)  # NW707


def after(schedule):
    schedule.step(1.0)


for epoch in range(EPOCHS):
    scheduler.step(1.0)
for epoch in range(2, 10):
    after(other)
