import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x)


net = Net()


@torch.no_grad()
def predict(model, loader):
    return [model(x).argmax(1) for x in loader]


@torch.no_grad()
def both(model, x):
    """Distillation reads both."""
    return model(x) - net(x)


def build(model):
    """Another kind of parameter that nobody reads, and a constructor that is called."""
    return Net()


activation = nn.ReLU()


def rectified(model, x):
    """A layer without weights is not a network."""
    return activation(x)
