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
    return [net(x).argmax(1) for x in loader]  # NW703


head = nn.Sequential(nn.Linear(4, 2), nn.Softmax(dim=1))


def score(model, x):
    return head(x)  # NW703
