from torch import nn


def start(m):
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight)
        nn.init.constant_(m.bias, 0.1)
    elif isinstance(m, nn.BatchNorm2d):
        nn.init.ones_(m.weight)
    elif not isinstance(m, nn.Conv2d):
        nn.init.constant_(m.weight, 1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = nn.Linear(4, 4)
        nn.init.zeros_(self.last.weight)
