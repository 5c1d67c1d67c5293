import torch
from torch import nn
from torch.nn import functional as F

net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.rand(8, 4), torch.randint(0, 2, (8,))


def remade():
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x), y)
    loss = torch.tensor(loss, requires_grad=True)  # NW204
    loss.backward()
    optimizer.step()


def numbers():
    loss = F.cross_entropy(net(x), y).detach().requires_grad_()  # NW204
    loss.backward()


def data():
    loss = F.cross_entropy(net(x), y)
    cut = loss.data  # NW204
    cut.requires_grad_().backward()
