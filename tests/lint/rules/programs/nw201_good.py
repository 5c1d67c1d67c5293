from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return self.conv(x).relu() + x


class Scale(nn.Module):
    def forward(self, x):
        return 2 * x


def body(width, count):
    return nn.Sequential(*[Block(width) for _ in range(count)])


def shared(width, count):
    """A block with a name of its own is shared on purpose."""
    block = Block(width)
    return nn.Sequential(*[block] * count)


def free(count):
    return nn.Sequential(*[nn.ReLU()] * count, *[Scale()] * count, *[nn.MaxPool2d(2)] * count)


widths = [8] * 3
