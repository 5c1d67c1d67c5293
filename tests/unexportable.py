"""Networks that a graph cannot hold, and one that it can only hold for one size."""

from torch import nn


class Decides(nn.Conv2d):
    def __init__(self):
        super().__init__(3, 4, 3)

    def forward(self, x):
        y = super().forward(x)
        if y.sum() > 0:
            return y
        return -y


class Fixed(nn.Conv2d):
    def __init__(self):
        super().__init__(3, 4, 3)

    def forward(self, x):
        return super().forward(x).reshape(len(x), -1)


class Pair(nn.Conv2d):
    def __init__(self):
        super().__init__(3, 4, 3)

    def forward(self, x):
        return super().forward(x), x


class Resized(nn.Conv2d):
    """Takes any size, and gives one of 4x4."""

    def __init__(self):
        super().__init__(3, 2, 3, padding=1)

    def forward(self, x):
        return nn.functional.adaptive_avg_pool2d(super().forward(x), 1)
