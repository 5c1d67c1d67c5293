import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.nn.utils import clip_grad_norm_
from torch.optim import lr_scheduler

EPOCHS = 30
net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
cosine = lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)
steps = lr_scheduler.StepLR(optimizer, 10)
milestones = lr_scheduler.MultiStepLR(optimizer, [10, 20])


def wrapped(model, device):
    model = DDP(model)
    model = nn.SyncBatchNorm.convert_sync_batchnorm(model)  # NW717
    model = model.to(device)  # NW717
    return DDP(model)  # NW717


def compiled(model, modes):
    for mode in modes:
        model = torch.compile(model, mode=mode)  # NW717
        yield model


def clipped_first(model, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    clip_grad_norm_(model.parameters(), 1.0)  # NW717
    loss.backward()
    optimizer.step()


def clipped_last(model, loader):
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        nn.utils.clip_grad_value_(model.parameters(), 1.0)  # NW717


def epoch(loader):
    for x, y in loader:
        clipped_first(net, x, y)
        milestones.step()  # NW717


def train(loader):
    for _ in range(EPOCHS):
        steps.step()  # NW717
        epoch(loader)


def train_by_batches(loader):
    for _ in range(EPOCHS):
        for x, y in loader:
            clipped_first(net, x, y)
            cosine.step()  # NW717


def train_twice(loader):
    for _ in range(EPOCHS):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            steps.step()  # NW717
