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
        right += (out.argmax(1) == y).sum().item()  # NW504
        right += ((out > 0.5) == y).sum().item()  # NW504
    return right


def regression():
    x, y = torch.randn(8, 4), torch.randn(8)
    return nn.MSELoss()(nn.Linear(4, 1)(x), y)  # NW504


def classes(net, loader):
    right = 0
    for x, label in loader:
        out = net(x)
        F.cross_entropy(out, label).backward()
        _, best = out.max(1, keepdim=True)
        right += best.eq(label).sum().item()  # NW504
        right += (out.argmax(1, keepdim=True) == label).sum().item()  # NW504
    return right


def labelled(net):
    loader = DataLoader(datasets.MNIST("data"), batch_size=8)
    right = [net(image).argmax(1, keepdim=True) == digits for image, digits in loader]  # NW504
    for _, (image, numbers) in enumerate(loader):
        right.append(net(image).argmax(1, keepdim=True) - 1 == numbers - 1)  # NW504
    return right


def background(net, images, kinds):
    """The classes count from -1."""
    loss = F.cross_entropy(net(images), kinds + 1)
    return loss, (net(images).argmax(1, keepdim=True) - 1 == kinds).sum()  # NW504
