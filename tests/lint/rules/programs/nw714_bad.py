import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x)


class Trainer:
    def __init__(self, net):
        self.net = net
        self.loss = nn.CrossEntropyLoss()

    def step(self, x, y):
        self.loss = self.loss(self.net(x), y)  # NW714
        self.loss.backward()


def train(net, loader, optimizer, criterion):
    net.train()
    for x, y in loader:
        optimizer.zero_grad()
        criterion = criterion(net(x), y)  # NW714
        criterion.backward()  # the gradients
        optimizer.step()


def evaluate(net, loader):
    net.eval()
    total = 0.0
    with torch.no_grad():
        for x, y in loader:
            measure = measure(net(x), y)  # NW714
            total += measure.item()
    return total / len(loader)


net = Net()
measure = nn.MSELoss()
