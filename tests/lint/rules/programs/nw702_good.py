import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, x):
        return self.layers(x)


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x)


net, plain = Net(), Plain()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)


def train(model, loader):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    right, count = 0, 0
    for x, y in loader:
        right += (model(x).argmax(1) == y).sum().item()
        count += len(y)
    return right / count


def quiet(model, loader):
    """Its caller has set the mode."""
    right = 0
    for x, y in loader:
        right += (model(x).argmax(1) == y).sum().item()
    return right


def modeless(loader):
    """Nothing in this network knows of modes."""
    right = 0
    with torch.inference_mode():
        for x, y in loader:
            right += (plain(x).argmax(1) == y).sum().item()
    return right


def unknown(model, loader):
    """Called from other files, in circumstances that cannot be known."""
    right = 0
    for x, y in loader:
        right += (model(x).argmax(1) == y).sum().item()
    return right


def final(loader):
    net.eval()
    with torch.no_grad():
        return quiet(net, loader)


data = [(torch.rand(8, 4), torch.randint(0, 2, (8,)))]
for _ in range(3):
    train(net, data)
    print(accuracy(net, data), modeless(data))
print(final(data))
