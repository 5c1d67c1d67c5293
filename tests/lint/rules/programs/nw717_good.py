import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.nn.utils import clip_grad_norm_
from torch.optim import lr_scheduler

EPOCHS = 30
net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
decay = lr_scheduler.ExponentialLR(optimizer, 0.9)
cycle = lr_scheduler.OneCycleLR(optimizer, 0.1, epochs=EPOCHS, steps_per_epoch=100)
slow = lr_scheduler.StepLR(optimizer, 1000)
warm = lr_scheduler.LinearLR(optimizer, total_iters=5)
plateau = lr_scheduler.ReduceLROnPlateau(optimizer)


def wrapped(model, device, distributed, parallel):
    model = nn.SyncBatchNorm.convert_sync_batchnorm(model).to(device)
    if distributed:
        model = DDP(model)
    elif parallel:
        model = nn.DataParallel(model)
        model.to(device)
    model = torch.compile(model)
    return model.to(device)


def wrapped_each(models, device):
    for model in models:
        model = DDP(model)
        yield model
    model = DDP(models[0].to(device))
    model.to(memory_format=torch.channels_last)
    model = nn.Linear(4, 2)
    model = model.to(device)
    yield DDP(model).to("cpu")


def accumulated(model, loader):
    for index, (x, y) in enumerate(loader):
        F.cross_entropy(model(x), y).backward()
        if index % 4 == 3:
            clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            cycle.step()


def rotated(model, batches):
    F.cross_entropy(model(batches[0][0]), batches[0][1]).backward()
    for x, y in batches:
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        slow.step()
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()


def two_losses(model, loader, scaler):
    for x, y in loader:
        optimizer.zero_grad()
        scaler.scale(F.cross_entropy(model(x), y)).backward(retain_graph=True)
        scaler.unscale_(optimizer)
        clip_grad_norm_(model.parameters(), 1.0)
        model(x).mean().backward()
        scaler.step(optimizer)
        scaler.update()


def train(loader, first):
    optimizer.step()
    for epoch in range(EPOCHS):
        warm.step()
        if epoch > first:
            decay.step()
        rotated(net, loader)
        accumulated(net, loader)
        plateau.step(1.0)


def full_batch(folds):
    for x, y in folds:
        for _ in range(EPOCHS):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            decay.step()
