import torch
from torch import nn
from torch.nn import functional as F

net, heads = nn.Linear(4, 2), [nn.Linear(4, 2), nn.Linear(4, 3)]
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)


def train(loader):
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


def several(loader):
    """The sum of the heads' losses is what is differentiated."""
    for x, y in loader:
        optimizer.zero_grad()
        loss = 0.0
        for head in heads:
            loss += F.cross_entropy(head(x), y)
        loss.backward()
        optimizer.step()


def numbers(loader):
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        loss = loss.item()
        total += loss
    return total


@torch.no_grad()
def validate(loader):
    net.eval()
    total = 0.0
    for x, y in loader:
        total += F.cross_entropy(net(x), y)
    return total / len(loader)


print(train([]), numbers([]), validate([]), several([]))
