import torch
from torch import nn
from torch.nn import functional as F

net, teacher = nn.Linear(4, 2), nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.rand(8, 4), torch.randint(0, 2, (8,))


def distil():
    optimizer.zero_grad()
    target = teacher(x).detach().softmax(1)
    loss = F.cross_entropy(net(x), y) + F.kl_div(net(x).log_softmax(1), target, reduction="batchmean")
    loss.backward()
    optimizer.step()
    return loss.detach()


def leaf():
    """A tensor made of numbers may be what is optimised."""
    point = torch.tensor([1.0, 2.0], requires_grad=True)
    (point**2).sum().backward()
    torch.tensor(3.0, requires_grad=True).backward()
    return point.grad


def either(flag):
    loss = F.cross_entropy(net(x), y)
    if flag:
        loss = torch.tensor(loss)
    loss.backward()
