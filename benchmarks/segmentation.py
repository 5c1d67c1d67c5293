"""Time and Dice of `netwright train` beside MONAI's U-Net in a plain loop, on the ISBI 2012 membranes.

    NETWRIGHT_DATA=… MONAI_PYTHON=… python benchmarks/segmentation.py [--steps 400] [--batch 4] [--patch 256]

Both see the same slices (train 0-19, validation 20-23, test 24-29), as many patches of the same size,
turned by quarters and mirrored at random, and both outputs are scored by the same code. One runs after the
other; the processor seconds do not depend on what else the machine does, the wall seconds do.

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
from time import perf_counter

import torch
from safetensors.torch import load_file, save_file

import netwright as nw
from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind, class_indices, stacked
from netwright.data.tasks.segmentation import Segmentation
from netwright.training.recipe import Recipe

SHOWN = ("dice", "iou", "pixel_error", "v_rand", "v_info")


def ours(data: Data, given: argparse.Namespace, folder: Path) -> dict[str, float]:
    recipe = Recipe(
        steps=given.steps,
        batch=given.batch,
        patch=(given.patch, given.patch),
        augment=("flip", "rotate90"),
        channels_last=given.channels_last,
        seed=given.seed,
        device="cpu",
    )
    used, begin = _processor(), perf_counter()
    run = nw.train("unet_same(width=16)", data, recipe, out=folder / "run")
    facts = {"seconds": perf_counter() - begin, "processor": _processor() - used, "params": run.params}
    return facts | run.details(data, which="last")


def monai(data: Data, given: argparse.Namespace, folder: Path) -> dict[str, float]:
    parts = {"train": data.train, "valid": data.valid, "test": data.test}
    tensors = {f"{name}_inputs": stacked(split.inputs) for name, split in parts.items()}
    tensors |= {f"{name}_targets": _classes(data, split)[:, None] for name, split in parts.items()}
    save_file(tensors, folder / "data.safetensors")
    facts = vars(given) | {"mean": data.mean[0], "std": data.std[0], "threads": torch.get_num_threads()}
    facts |= {"data": str(folder / "data.safetensors"), "out": str(folder / "outputs.safetensors")}
    script = str(Path(__file__).with_name("monai_peer.py"))
    command = [os.environ["MONAI_PYTHON"], script, json.dumps(facts)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    outputs = load_file(facts["out"])
    details = Segmentation.from_data(data).details()
    for part in ("valid", "test"):
        details = details.tuned() if part == "test" else details
        for metric in details.metrics.values():
            metric.update(outputs[part], _classes(data, parts[part]))
    return json.loads(printed.splitlines()[-1]) | details.compute()


def _classes(data: Data, split: Split) -> torch.Tensor:
    return class_indices(stacked(split.targets[Kind.MASK]), data.values, data.ignore)


def _processor() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--patch", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--channels-last", action="store_true")
    given = parser.parse_args()
    data = Data.load(str(Path(os.environ["NETWRIGHT_DATA"]) / "isbi2012"))
    baseline = Segmentation.from_data(data).baseline(data)
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, {given.steps} steps of {given.batch}"
    )
    print(f"{'':24}{'params':>10} {'s':>7} {'CPU s':>7} " + " ".join(f"{name:>11}" for name in SHOWN))
    _row("most frequent class", {}, baseline)
    contenders = {"netwright, unet_same": ours}
    if "MONAI_PYTHON" in os.environ:
        contenders["MONAI UNet, plain loop"] = monai
    for name, contender in contenders.items():
        with tempfile.TemporaryDirectory() as folder:
            values = contender(data, given, Path(folder))
        _row(name, values, values)
    if "MONAI_PYTHON" not in os.environ:
        print("MONAI UNet              skipped: MONAI_PYTHON names no environment with monai")


def _row(name: str, facts: dict[str, float], scores: dict[str, float]) -> None:
    cells = [
        f"{facts.get('params', 0):10,.0f}",
        *(f"{facts.get(key, 0):7.0f}" for key in ("seconds", "processor")),
    ]
    shown = (f"{scores[key]:11.4f}" if key in scores else f"{'':11}" for key in SHOWN)
    print(f"{name:24}{' '.join(cells)} {' '.join(shown)}", flush=True)


if __name__ == "__main__":
    main()
