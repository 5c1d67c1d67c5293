import torch
from torch import nn
from torch.nn import functional as F

net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)


def cleared(loader):
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    scheduler.step()


def accumulated(loader):
    for index, (x, y) in enumerate(loader):
        F.cross_entropy(net(x), y).backward()
        if index % 4 == 3:
            optimizer.step()
            net.zero_grad(set_to_none=True)


def by_hand(loader):
    for x, y in loader:
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
        for p in net.parameters():
            p.grad = None


def fresh():
    for parameter in net.parameters():
        parameter.grad = None


def elsewhere(loader):
    for x, y in loader:
        fresh()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()


class Trainer:
    def clear(self):
        self.optimizer.zero_grad()

    def fit(self, loader):
        for x, y in loader:
            self.clear()
            F.cross_entropy(net(x), y).backward()
            self.optimizer.step()


def handed(loader, hook):
    for x, y in loader:
        hook(optimizer)
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
