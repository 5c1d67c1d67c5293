"""MONAI's U-Net in a plain loop, on the data of `benchmarks/segmentation.py`; it needs no netwright.

It takes as many steps as each line of its standard input says, and answers with the seconds they took; when
the input ends, it writes its outputs on validation and test, and what it used.

The network, the loss and the optimizer are those of MONAI's own tutorials: five levels of 16 to 256 channels
with two residual units each, Dice + cross-entropy, Adam with a rate of 1e-3.
"""

import json
import resource
import sys
from time import perf_counter

import torch
from monai.losses import DiceCELoss
from monai.networks.nets import UNet
from safetensors.torch import load_file, save_file


def patches(images: torch.Tensor, masks: torch.Tensor, batch: int, side: int):
    """Return random squares, each turned by a random quarter and mirrored at random."""
    inputs, targets = [], []
    for index in torch.randint(len(images), (batch,)).tolist():
        top, left = (int(torch.randint(size - side + 1, ())) for size in images.shape[-2:])
        turns, mirrored = int(torch.randint(4, ())), bool(torch.rand(()) < 0.5)
        for stack, parts in ((images, inputs), (masks, targets)):
            part = stack[index, :, top : top + side, left : left + side].rot90(turns, (1, 2))
            parts.append(part.flip(2) if mirrored else part)
    return torch.stack(inputs), torch.stack(targets)


def main() -> None:
    facts = json.loads(sys.argv[1])
    torch.manual_seed(facts["seed"])
    torch.set_num_threads(facts["threads"])
    data = load_file(facts["data"])
    data = {
        name: (each.float() / 255 - facts["mean"]) / facts["std"] if name.endswith("inputs") else each
        for name, each in data.items()
    }
    widths = (16, 32, 64, 128, 256)
    net = UNet(
        spatial_dims=2, in_channels=1, out_channels=2, channels=widths, strides=(2,) * 4, num_res_units=2
    )
    loss = DiceCELoss(to_onehot_y=True, softmax=True)
    optimizer = torch.optim.Adam(net.parameters(), 1e-3)
    for line in sys.stdin:
        begin = perf_counter()
        for _ in range(int(line)):
            inputs, targets = patches(
                data["train_inputs"], data["train_targets"], facts["batch"], facts["patch"]
            )
            optimizer.zero_grad()
            loss(net(inputs), targets).backward()
            optimizer.step()
        print(perf_counter() - begin, flush=True)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    net.eval()
    with torch.no_grad():
        outputs = {
            part: torch.cat([net(one[None]) for one in data[f"{part}_inputs"]]) for part in ("valid", "test")
        }
    save_file(outputs, facts["out"])
    params = sum(parameter.numel() for parameter in net.parameters())
    print(json.dumps({"processor": used, "params": params}))


main()
