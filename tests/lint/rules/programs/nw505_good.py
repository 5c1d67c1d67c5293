import torch
from torch import nn
from torch.nn import functional as F


def train(model, loader, optimizer):
    criterion = nn.CrossEntropyLoss()
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y.long())
        loss.backward()
        optimizer.step()


def soft(model, x, probabilities):
    return F.cross_entropy(model(x), probabilities.float())


def background(model, x, labels):
    """The labels count from -1, and so do the predictions that are compared with them."""
    loss = F.cross_entropy(model(x), labels + 1)
    return loss, (model(x).argmax(1) - 1 == labels).sum().item()


def one_hot(model, x, y):
    return F.cross_entropy(model(x), F.one_hot(y, 2).float())


def binary(model, x):
    labels = torch.randint(2, (len(x),)).float()
    loss = F.binary_cross_entropy_with_logits(model(x), labels)
    return loss + F.binary_cross_entropy(model(x).sigmoid(), (x.sum(1) > 0).to(x.dtype))


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    return sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
