from torch import nn


def start(m):
    if isinstance(m, nn.Linear):
        nn.init.xavier_uniform_(m.weight)
    elif type(m) is dict:
        return
    elif type(m).__name__ == "Scale":
        return
