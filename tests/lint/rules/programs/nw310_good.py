# check: Net 3x16x16
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8, momentum=0.8),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8, 1e-3, 0.01),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1, bias=False),
            nn.GroupNorm(2, 8, 1e-6),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1),
        )

    def forward(self, x):
        return self.body(x).mean((2, 3))
