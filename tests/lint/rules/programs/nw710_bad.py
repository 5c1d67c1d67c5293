from torch import nn


def start(m):
    if type(m) == nn.Linear:  # NW710
        nn.init.xavier_uniform_(m.weight)
    elif type(m) in [nn.Conv1d, nn.Conv2d]:  # NW710
        nn.init.kaiming_normal_(m.weight)
    elif type(m) is not nn.BatchNorm2d:  # NW710
        return
