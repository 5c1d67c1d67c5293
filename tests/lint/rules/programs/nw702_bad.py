import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, x):
        return self.layers(x)


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)


def train(model, loader):
    for x, y in loader:  # NW702
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def accuracy(model, loader):
    right, count = 0, 0
    for x, y in loader:  # NW702
        right += (model(x).argmax(1) == y).sum().item()
        count += len(y)
    return right / count


data = [(torch.rand(8, 4), torch.randint(0, 2, (8,)))]
for _ in range(3):
    train(net, data)
    print(accuracy(net, data))
