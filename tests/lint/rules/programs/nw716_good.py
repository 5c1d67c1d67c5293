import torch
from torch import nn
from torch.utils.data import Dataset


class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self._init()
        self.layers = nn.ModuleList([nn.Linear(width, width), nn.ReLU()])
        self.head = nn.ModuleList([nn.Linear(width, 2)]) if width > 4 else nn.Identity()

    def _init(self):
        self.steps = 0

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.layers[0](x)

    def forwards(self, x):
        return [self(x), self.head(x)]


class Numbers(Dataset):
    def __init__(self, count):
        self.x = torch.arange(count)
        self._load_()

    def _load_(self):
        self.x = self.x + 1

    def __getitem__(self, index):
        return self.x[index]

    def __int__(self):
        return len(self)

    def __len__(self):
        return len(self.x)


class Kind:
    def _init_(self):
        return self

    def build(self):
        return self._init_()


class PipeMeta(type):
    def _getitem_(self, params):
        return params
