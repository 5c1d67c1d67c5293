import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchvision import datasets


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 1)

    def forward(self, x):
        return torch.sigmoid(self.fc(x))


def binary(loader):
    net = Net()
    right = 0
    for x, y in loader:
        out = net(x)
        F.binary_cross_entropy(out, y.unsqueeze(1).float()).backward()
        right += ((out > 0.5).squeeze(1) == y).sum().item()
        right += ((out > 0.5) == y.view_as(out)).sum().item()
    return right


def regression(targets):
    x, y = torch.randn(8, 4), torch.randn(8)
    linear = nn.Linear(4, 1)
    return nn.MSELoss()(linear(x).squeeze(1), y) + nn.MSELoss()(linear(x), targets)


def classes(net, loader):
    right = 0
    for x, label in loader:
        out = net(x)
        F.cross_entropy(out, label).backward()
        best = out.argmax(1, keepdim=True)
        right += best.eq(label.view_as(best)).sum().item()
        right += (out.argmax(1) == label).sum().item()
    return right


def labelled(net):
    """Targets that a function of the user collates or changes may have any shape."""
    changed = DataLoader(datasets.MNIST("data", target_transform=lambda label: [label]), 8)
    collated = DataLoader(datasets.MNIST("data"), 8, collate_fn=list)
    right = [net(image).argmax(1, keepdim=True) == digits for image, digits in changed]
    right += [net(image).argmax(1, keepdim=True) == numbers for image, numbers in collated]
    return right + [net(image).argmax(1) == kinds for image, kinds in DataLoader(datasets.MNIST("data"), 8)]
