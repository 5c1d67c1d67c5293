import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x)


def frozen(loader):
    net = Net()
    for p in net.parameters():
        p.requires_grad = False
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)  # NW711
    fit(net, optimizer, loader)


def replaced(loader, path):
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)  # NW711
    net = torch.load(path, weights_only=False)
    fit(net, optimizer, loader)


def new_head(loader):
    net = Net()
    optimizer = torch.optim.SGD(list(net.parameters()), lr=0.1)  # NW711
    net.fc = nn.Linear(4, 8)
    fit(net, optimizer, loader)


def detached(loader):
    net = Net()
    optimizer = torch.optim.SGD([p.data for p in net.parameters()], lr=0.1)  # NW711
    fit(net, optimizer, loader)


def moved(loader):
    net = Net()
    optimizer = torch.optim.Adagrad(net.parameters(), lr=0.1)  # NW711
    net.to("cuda")
    fit(net, optimizer, loader)


def fit(net, optimizer, loader):
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
