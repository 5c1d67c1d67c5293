import torch
from torch import nn
from torch.nn import functional as F


def train(model, loader, optimizer):
    criterion = nn.CrossEntropyLoss()
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y.float())  # NW505
        loss.backward()
        optimizer.step()


def shifted(model, x, y):
    return F.cross_entropy(model(x), y + 1)  # NW505


def one_hot(model, x, y):
    loss = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0]))
    targets = F.one_hot(y, 2)
    return F.nll_loss(model(x), targets) + loss(model(x), targets.float())  # NW505


def binary(model, x):
    labels = torch.randint(2, (len(x),))
    loss = F.binary_cross_entropy_with_logits(model(x), labels)  # NW505
    return loss + F.binary_cross_entropy(model(x).sigmoid(), x.sum(1) > 0)  # NW505


def narrow(model, x, y):
    return F.nll_loss(model(x), y.to(torch.int32))  # NW505


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    return sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
