import torch
from torch import nn

WRAPPERS = [nn.Sequential, nn.DataParallel]


def train(net, loader, optimizer, criterion):
    net.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()


def anew(net, loader):
    for x, y in loader:
        loss = nn.MSELoss()
        loss = loss(net(x), y)
        loss.backward()


def once(net, loader):
    loss = nn.MSELoss()
    for x, y in loader:
        loss = loss(net(x), y)
        break
    return loss


def kinds(net, losses, x, y):
    for loss in losses:
        loss = loss(net(x), y)
        print(loss)


def wrapped(net):
    for wrapper in WRAPPERS:
        net = wrapper(net)
    return net


def straight(net, x, y):
    loss = nn.L1Loss()
    loss = loss(net(x), y)
    return loss


def retried(loss_fn, options):
    for option in options:
        loss_fn = loss_fn(option)
    return torch.no_grad()(loss_fn)
