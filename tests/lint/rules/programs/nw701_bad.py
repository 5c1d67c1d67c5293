import torch
from torch import nn
from torch.nn import functional as F

net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu")


def train(loader, opt):
    for x, y in loader:
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        opt.step()  # NW701


def scaled(loader):
    for x, y in loader:
        scaler.scale(F.cross_entropy(net(x), y)).backward()
        scaler.step(optimizer)  # NW701
        scaler.update()


if __name__ == "__main__":
    data = [(torch.rand(8, 4), torch.randint(0, 2, (8,)))]
    train(data, optimizer)
    for _ in range(3):
        for x, y in data:
            F.cross_entropy(net(x), y).backward()
            optimizer.step()  # NW701
