"""Images per second of training ResNet-20 on CIFAR-10, beside the plain loop and Lightning's Trainer.

    NETWRIGHT_DATA=… python benchmarks/train.py [--steps 20] [--rounds 5]

Batch 128, SGD with Nesterov's momentum, pad-4 crop and flip, 32 bit. Rounds of steps alternate between the
contenders, so that a slow moment of the machine hits all; the table has medians over rounds and the median of
the paired ratios. Steady state: one warm-up round, with compilation, is not counted. Nothing is saved.
`as it chooses` is what auto settles on for a long training.

Lightning lives outside this environment; without it the row says so:
    python -m venv ENV
    ENV/bin/pip install torch==2.13.0 pytorch-lightning==2.6.6 safetensors jaxtyping einops
    export LIGHTNING_PYTHON=ENV/bin/python
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

import netwright as nw
from netwright.data.examples import Data
from netwright.data.kinds import Kind
from netwright.data.tasks.classification import Classification
from netwright.training.fastest import fastest
from netwright.training.job import assemble, launch
from netwright.training.listener import StepDone
from netwright.training.loop import fit
from netwright.training.recipe import Recipe

BATCH = 128


def ours(data: Data, steps: int, **options: Any) -> Iterator[None]:
    """Yield after every `steps` steps of our loop."""
    augment = ("crop(padding=4)", "flip")
    recipe = Recipe(steps=10**6, batch=BATCH, schedule="constant", device="cpu", augment=augment, **options)
    if options.pop("precision", "") == "auto":
        recipe, reason = fastest("resnet20", data, None, recipe)
        print(reason, file=sys.stderr)
    recipe = recipe.plain()
    fabric = launch(recipe.device, recipe.precision)
    job = assemble(fabric, nw.load("resnet20"), Classification(10), data, recipe)
    for event in fit(job):
        if isinstance(event, StepDone) and event.step % steps == 0:
            yield


class Images(torch.utils.data.Dataset):
    """A data set as courses write it: one image at a time, each cropped and mirrored by itself."""

    def __init__(self, data: Data):
        self.inputs, self.targets = data.train.inputs, data.train.targets[Kind.CLASS]
        self.mean, self.std = torch.tensor(data.mean)[:, None, None], torch.tensor(data.std)[:, None, None]

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int):
        image = (self.inputs[index].float() / 255 - self.mean) / self.std
        top, left = torch.randint(0, 9, (2,)).tolist()
        image = nn.functional.pad(image, (4, 4, 4, 4))[:, top : top + 32, left : left + 32]
        return image.flip(2) if torch.rand(()) < 0.5 else image, self.targets[index]


def plain(data: Data, steps: int) -> Iterator[None]:
    """Yield after every `steps` steps of the plain loop."""
    net = nw.load("resnet20").train()
    optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    done, running, right = 0, 0.0, 0
    while True:
        loader = torch.utils.data.DataLoader(Images(data), BATCH, shuffle=True, drop_last=True)
        for inputs, targets in loader:
            optimizer.zero_grad()
            output = net(inputs)
            loss = nn.functional.cross_entropy(output, targets)
            loss.backward()
            optimizer.step()
            running, right = running + loss.item(), right + (output.argmax(1) == targets).sum().item()
            done += 1
            if done % steps == 0:
                yield


def lightning(data: Data, steps: int, folder: Path) -> Iterator[None]:
    """Run the same steps by Lightning's Trainer, in a process of its own that waits between the rounds."""
    file = folder / "data.safetensors"
    save_file(
        {"inputs": data.train.inputs[:20_000], "targets": data.train.targets[Kind.CLASS][:20_000]}, str(file)
    )
    command = [os.environ["LIGHTNING_PYTHON"], str(Path(__file__).parent / "lightning_peer.py")]
    home = str(Path(nw.__file__).parent.parent)
    facts = json.dumps({"data": str(file), "home": home, "steps": steps, "mean": data.mean, "std": data.std})
    with subprocess.Popen(
        [*command, facts], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        try:
            while True:
                worker.stdin.write("\n")
                worker.stdin.flush()
                if "done" not in worker.stdout.readline():
                    raise RuntimeError("Lightning's process ended")
                yield
        finally:
            worker.kill()


def measure(contenders: dict[str, Iterator[None]], steps: int, rounds: int) -> dict[str, list[float]]:
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    advance: Callable[[Iterator[None]], None] = next
    for index in range(rounds + 1):
        for name, contender in contenders.items():
            begin = perf_counter()
            advance(contender)
            if index:
                speeds[name].append(steps * BATCH / (perf_counter() - begin))
    return speeds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=int, default=20_000)
    given = parser.parse_args()
    data = Data.load("cifar10", limit=given.limit)
    with tempfile.TemporaryDirectory() as folder:
        contenders = {
            "plain loop": plain(data, given.steps),
            "netwright": ours(data, given.steps),
            "netwright, channels_last": ours(data, given.steps, channels_last=True),
            "netwright, compile": ours(data, given.steps, compile=True),
            "netwright, as it chooses": ours(data, given.steps, precision="auto"),
        }
        if "LIGHTNING_PYTHON" in os.environ:
            contenders["lightning"] = lightning(data, given.steps, Path(folder))
        speeds = measure(contenders, given.steps, given.rounds)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, images/s")
    for name, values in speeds.items():
        ratio = median(a / b for a, b in zip(values, speeds["plain loop"], strict=True))
        print(f"{name:26} {median(values):8.1f}   {ratio:5.2f}x the plain loop")
    if "lightning" not in speeds:
        print(
            "lightning                  skipped: LIGHTNING_PYTHON names no environment with pytorch-lightning"
        )


if __name__ == "__main__":
    sys.exit(main())
