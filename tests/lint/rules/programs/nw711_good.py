import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x)


def new_head(loader):
    net = Net()
    for p in net.parameters():
        p.requires_grad = False
    net.fc = nn.Linear(4, 8)
    optimizer = torch.optim.SGD(filter(lambda p: p.requires_grad, net.parameters()), lr=0.1)
    fit(net, optimizer, loader)


def adapted(loader, add_adapters):
    net = Net().requires_grad_(False)
    net.requires_grad_(False)
    add_adapters(net)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    fit(net, optimizer, loader)


def folds(loaders):
    for loader in loaders:
        net = Net().to("cuda")
        optimizer = torch.optim.Adagrad(net.parameters(), lr=0.1)
        fit(net, optimizer, loader)


def tested(loader, path):
    """The optimizer is not used after the network is loaded again."""
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    fit(net, optimizer, loader)
    net = Net()
    net.load_state_dict(torch.load(path, weights_only=True))
    for p in net.parameters():
        p.requires_grad = False
    return net


def two(loader):
    """Both networks learn, and the copy is frozen."""
    net, teacher = Net(), Net()
    for p in teacher.parameters():
        p.requires_grad = False
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    net = nn.DataParallel(net)
    fit(net, optimizer, loader)


def picture(content, loss):
    image = content.detach().clone().requires_grad_()
    optimizer = torch.optim.LBFGS([image])
    optimizer.step(lambda: loss(image))


def fit(net, optimizer, loader):
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
