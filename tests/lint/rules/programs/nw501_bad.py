import torch
from torch import nn
from torch.nn import functional as F


class Probabilities(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)  # NW501


class Logits(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, x):
        x = x.flatten(1)
        return self.layers(x)


class Squashed(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc, self.act = nn.Linear(4, 1), nn.Sigmoid()

    def forward(self, x):
        x = self.fc(x)
        return torch.sigmoid(x)  # NW501


def step(model, x, y, loss_fn):
    return loss_fn(model(x), y)


x, y = torch.rand(8, 4), torch.randint(0, 3, (8,))
step(Probabilities(), x, y, nn.CrossEntropyLoss())
log_loss = nn.NLLLoss()  # NW501
logits = Logits()
print(log_loss(logits(x), y))
squashed = Squashed()
output = squashed(x)
print(F.binary_cross_entropy_with_logits(output, y.float()[:, None]))
print(F.cross_entropy(torch.softmax(logits(x), 1), y))  # NW501
