"""Time and scores of `netwright train` beside MONAI's U-Net in a plain loop, on the ISBI 2012 membranes.

    NETWRIGHT_DATA=… MONAI_PYTHON=… python benchmarks/segmentation.py [--steps 300] [--batch 4] [--patch 256]

Both see the same slices (train 0-19, validation 20-23, test 24-29), as many patches of the same size,
turned by quarters and mirrored at random, and both outputs are scored by the same code. They train in turns:
after each epoch of ours, MONAI's loop takes as many steps in a process of its own, which waits otherwise. So
both have the same machine, and the ratio is that of the paired turns. A turn of ours is its training steps,
with reading, cutting and augmenting, and without validation; CPU s is the whole of each process.

MONAI lives outside this environment, because it may bring another torch; without it the row says so:
    python -m venv ENV
    ENV/bin/pip install torch==2.13.0 monai==1.6.1 safetensors
    export MONAI_PYTHON=ENV/bin/python
"""

import argparse
import json
import os
import resource
import subprocess
import tempfile
from pathlib import Path
from statistics import median

import torch
from safetensors.torch import load_file, save_file

import netwright as nw
from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind, class_indices, stacked
from netwright.data.tasks.segmentation import Segmentation
from netwright.training.listener import EpochDone
from netwright.training.recipe import Recipe

SHOWN = ("dice", "iou", "pixel_error", "v_rand", "v_info")


class Peer:
    """MONAI's loop in a process of its own."""

    def __init__(self, data: Data, given: argparse.Namespace, folder: Path):
        parts = {"train": data.train, "valid": data.valid, "test": data.test}
        tensors = {f"{name}_inputs": stacked(split.inputs) for name, split in parts.items()}
        tensors |= {f"{name}_targets": _classes(data, split)[:, None] for name, split in parts.items()}
        save_file(tensors, folder / "data.safetensors")
        facts = vars(given) | {"mean": data.mean[0], "std": data.std[0], "threads": torch.get_num_threads()}
        facts |= {"data": str(folder / "data.safetensors"), "out": str(folder / "outputs.safetensors")}
        self.data, self.out = data, facts["out"]
        script = str(Path(__file__).with_name("monai_peer.py"))
        command = [os.environ["MONAI_PYTHON"], script, json.dumps(facts)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def train(self, steps: int) -> float:
        """Take steps; return their seconds."""
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def score(self) -> dict[str, float]:
        """End the process; return what it used, and the scores of its outputs on the test split."""
        printed, _ = self.process.communicate()
        outputs = load_file(self.out)
        details = Segmentation.from_data(self.data).details()
        for part, split in (("valid", self.data.valid), ("test", self.data.test)):
            details = details.tuned() if part == "test" else details
            for metric in details.metrics.values():
                metric.update(outputs[part], _classes(self.data, split))
        return json.loads(printed.splitlines()[-1]) | details.compute()


class Turns:
    """A listener that lets the peer take the same steps after each epoch, and keeps the seconds of a step."""

    def __init__(self, peer: Peer | None, batch: int):
        self.peer, self.batch, self.step = peer, batch, 0
        self.ours: list[float] = []
        self.theirs: list[float] = []

    def __call__(self, event: object) -> None:
        if isinstance(event, EpochDone):
            steps, self.step = event.row["step"] - self.step, event.row["step"]
            self.ours.append(self.batch / event.row["examples_per_second"])
            if self.peer:
                self.theirs.append(self.peer.train(steps) / steps)


def compared(data: Data, given: argparse.Namespace, folder: Path) -> None:
    """Train both in turns, and print a row for each."""
    recipe = Recipe(
        steps=given.steps,
        batch=given.batch,
        patch=(given.patch, given.patch),
        augment=("flip", "rotate90"),
        channels_last=given.channels_last,
        seed=given.seed,
        device="cpu",
    )
    peer = Peer(data, given, folder) if "MONAI_PYTHON" in os.environ else None
    turns = Turns(peer, given.batch)
    used = _processor()
    run = nw.train("unet_same(width=16)", data, recipe, out=folder / "run", listeners=[turns])
    facts = {"step": median(turns.ours), "processor": _processor() - used, "params": run.params}
    _row("netwright, unet_same", facts | run.details(data, which="last"))
    if peer is None:
        print("MONAI UNet              skipped: MONAI_PYTHON names no environment with monai")
        return
    _row("MONAI UNet, plain loop", {"step": median(turns.theirs)} | peer.score())
    ratios = [a / b for a, b in zip(turns.ours, turns.theirs, strict=True)]
    between = f"{min(ratios):.2f} to {max(ratios):.2f}"
    print(f"a step of ours takes {median(ratios):.2f} times as long: {len(ratios)} paired turns, {between}")


def _classes(data: Data, split: Split) -> torch.Tensor:
    return class_indices(stacked(split.targets[Kind.MASK]), data.values, data.ignore)


def _processor() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--patch", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--channels-last", action="store_true")
    given = parser.parse_args()
    data = Data.load(str(Path(os.environ["NETWRIGHT_DATA"]) / "isbi2012"))
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, {given.steps} steps of {given.batch}"
    )
    print(f"{'':24}{'params':>10} {'s/step':>7} {'CPU s':>7} " + " ".join(f"{name:>11}" for name in SHOWN))
    _row("most frequent class", dict(Segmentation.from_data(data).baseline(data)))
    with tempfile.TemporaryDirectory() as folder:
        compared(data, given, Path(folder))


def _row(name: str, facts: dict[str, float]) -> None:
    cells = f"{facts.get('params', 0):10,.0f} {facts.get('step', 0):7.2f} {facts.get('processor', 0):7.0f}"
    shown = (f"{facts[key]:11.4f}" if key in facts else f"{'':11}" for key in SHOWN)
    print(f"{name:24}{cells} {' '.join(shown)}", flush=True)


if __name__ == "__main__":
    main()
