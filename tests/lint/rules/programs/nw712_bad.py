from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
        self.modules = [self.fc]  # NW712

    def forward(self, x):
        return self.fc(x)

    def train(self, x, y):  # NW712
        return nn.functional.cross_entropy(self(x), y)

    def eval(self, loader):  # NW712
        return [self(x) for x in loader]

    @property
    def children(self):  # NW712
        return [self.fc]

    def state_dict(self):  # NW712
        return {"fc": self.fc.state_dict()}


class Silent(Net):
    def train(self):  # NW712
        return self

    @staticmethod
    def to(first, second):  # NW712
        return first
