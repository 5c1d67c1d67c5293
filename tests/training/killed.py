"""Trains in processes of its own, kills them with SIGKILL, resumes them; prints what became of each as JSON.

One process pays for the imports and forks the others. Two kinds of death: at a random moment, and at the n-th
time a saving waits for the disk or renames, so that the instants of a saving are met one by one.
"""

import json
import os
import random
import select
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import lightning_fabric  # noqa: F401  # before the forks, so that what is killed is a training
import torch
import torch.utils.tensorboard

import cells
from netwright.data.examples import Data
from netwright.training.folder import Folder
from netwright.training.recipe import Recipe
from netwright.training.result import Run
from netwright.training.run import train
from tiny import SPEC

RECIPE = Recipe(
    epochs=3, batch=64, save_every=2, ema_decay=0.9, schedule="plateau", patience=0, clip_grad_norm=1.0
)
DATA = Data.load("digits", limit=400)
WINDOWS = Recipe(epochs=2, batch=2, save_every=2)  # with the augmentation of every run
CASES = {
    "digits": (SPEC, DATA, RECIPE),
    "ragged": ("unet_same(width=4, depth=1)", cells.data(), WINDOWS.changed(patch=(16, 24))),
    "volumes": (
        "unet_same(width=4, depth=1, dims=3)",
        cells.data(dims=3, dtype=torch.uint16, largest=30),
        WINDOWS.changed(patch=(16, 16, 16)),
    ),
}


def child(out: Path, prepare: Callable[[], None] = lambda: None, case: str = "digits") -> int:
    pid = os.fork()
    if pid == 0:
        prepare()
        spec, data, recipe = CASES[case]
        train(spec, data, recipe, out=out, resume=True)
        os._exit(0)
    return pid


def waited(pid: int) -> bool:
    """True when the child ended by itself."""
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0
    return True


def at_random(out: Path, seconds: float, rng: random.Random) -> dict:
    """Die at random moments, up to four times."""
    kills, positions = 0, []
    while True:
        pid = child(out)
        select.select([], [], [], rng.uniform(0.1, 1) * seconds)
        if kills < 4:
            os.kill(pid, signal.SIGKILL)
        if waited(pid):
            return result(out) | {"kills": kills, "positions": positions}
        kills += 1
        positions.append(Folder(out).index()["last"])


def at_call(out: Path, number: int, case: str = "digits") -> dict:
    """Die at the `number`-th call of fsync or rename."""

    def prepare() -> None:
        calls = 0

        def counted(original: Callable) -> Callable:
            def call(*args, **options):
                nonlocal calls
                calls += 1
                if calls == number:
                    os.kill(os.getpid(), signal.SIGKILL)
                return original(*args, **options)

            return call

        os.fsync, os.rename, os.replace = counted(os.fsync), counted(os.rename), counted(os.replace)

    killed = not waited(child(out, prepare, case))
    position = Folder(out).index()["last"]
    assert waited(child(out, case=case))
    return result(out) | {"kills": int(killed), "positions": [position]}


def result(out: Path) -> dict:
    """All that must not depend on the kills."""
    rows = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    for row in rows:
        del row["seconds"], row["examples_per_second"]
    index = Folder(out).index()
    last = Folder(out).checkpoints / str(index["last"])
    weights = [(folder / "model.safetensors").read_bytes().hex() for folder in (out, last)]
    return {
        "rows": rows,
        "index": index,
        "weights": weights,
        "state": (last / "state.safetensors").read_bytes().hex(),
    }


def by_windows(folder: Path) -> dict[str, dict]:
    """Die twice in a training on windows of images of many sizes, and twice in one of volumes."""
    outcomes = {}
    for case in ("ragged", "volumes"):
        assert waited(child(folder / case, case=case))
        expected = result(folder / case)
        for number in (16, 30):
            name = f"{case} call {number}"
            outcomes[name] = compared(at_call(folder / name, number, case), expected)
    return outcomes


def compared(outcome: dict, expected: dict) -> dict:
    same = {key: outcome[key] == expected[key] for key in expected}
    return {"kills": outcome["kills"], "positions": outcome["positions"], **same}


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    assert waited(child(folder / "undisturbed"))
    seconds = 2 * Run.read(folder / "undisturbed").seconds  # with starting and saving, about
    expected = result(folder / "undisturbed")
    rng = random.Random(7)
    outcomes = {f"random {n}": at_random(folder / f"random{n}", seconds, rng) for n in range(3)}
    outcomes |= {f"call {n}": at_call(folder / f"call{n}", n) for n in range(1, 43, 4)}
    report = {name: compared(outcome, expected) for name, outcome in outcomes.items()}
    report |= by_windows(folder)
    sys.stdout.write(json.dumps({"epochs": len(expected["rows"]), "runs": report}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
