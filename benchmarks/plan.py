"""The planned peak of a training step beside the one that PyTorch's allocator has, for networks and batches.

    PYTHONPATH=src:tests python benchmarks/plan.py [--only NAME …]

`tensors` is the recorded peak without the reserve for kernels, `planned` the one with it; both are given as
ratios to the bytes that the allocator of the CPU hands out in a real second step, as its profiler sees them.
"""

import argparse

import torch
import torch.nn.functional as F

from netwright import load
from netwright.trace.step import record_step
from practice import adamw, classes, maps, measured, momentum, practice

ZOO = [
    ("resnet20", (3, 32, 32), (4, 128), momentum),
    ("resnet18", (3, 224, 224), (2, 8), momentum),
    ("resnet50", (3, 224, 224), (2,), adamw),
    ("densenet_bc100", (3, 32, 32), (16,), momentum),
    ("vgg11", (3, 64, 64), (4,), adamw),
    ("googlenet", (3, 224, 224), (2,), momentum),
    ("nin", (3, 32, 32), (32,), momentum),
    ("vit_cifar", (3, 32, 32), (16,), adamw),
    ("series_resnet", (1, 128), (4, 64), adamw),
    ("unet_same(width=16)", (1, 256, 256), (1, 2, 8), momentum),
    ("unet(width=16)", (1, 188, 188), (2,), momentum),
    ("unet3d_same(width=8)", (1, 32, 64, 64), (1, 2, 4), momentum),
]


def row(name, shape, batch, optimizer):
    """Return the measured bytes and the ratios of the recorded ones."""
    torch.manual_seed(0)
    net = load(name, input=shape, classes=3)
    with torch.no_grad():
        sizes = net.eval()(torch.zeros(2, *shape)).shape[2:]
    targets = maps(*sizes) if sizes else classes
    way = practice(targets, F.cross_entropy, optimizer)
    step = record_step(net, shape, batch, way)
    truth = measured(net, shape, batch, way)
    return truth, step.peak / truth, step.bound / truth


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", default=[])
    only = parser.parse_args().only
    print("| network | input | batch | measured, MiB | tensors | planned |")
    print("|---|---|---:|---:|---:|---:|")
    for name, shape, batches, optimizer in ZOO:
        if only and name not in only:
            continue
        for batch in batches:
            truth, tensors, planned = row(name, shape, batch, optimizer)
            size = "x".join(map(str, shape))
            ratios = f"{tensors:.3f} | {planned:.3f}"
            print(f"| {name} | {size} | {batch} | {truth / 2**20:.1f} | {ratios} |", flush=True)


if __name__ == "__main__":
    main()
