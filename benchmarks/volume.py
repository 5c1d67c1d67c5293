"""Memory of a training on a volume that is larger than the memory it may use.

    python benchmarks/volume.py [--gib 6] [--steps 10] [--limit 1.5] [--folder DIR]

A volume of 16 bits with bright balls, and its mask, are written to files a slab at a time. A process of its
own opens them as memory maps, trains a 3-D U-Net on windows of 64x64x64 and evaluates it by tiles on parts of
the same files, by the public functions alone. Printed are the peak of its anonymous memory (`RssAnon`), which
is what it cannot give back (pages of mapped files are dropped when something else needs the memory), and the
windows of training in a second. The same training on a small volume stands beside it; the difference is what
the size of the volume costs.

`--limit` is a bound in GiB that the kernel enforces: the process runs in a memory control group (Linux,
version 1 or 2 of the interface, as a user who may write there: usually root), which counts every page, those
of the files too, and in which a process that needs more is killed. The files are dropped from the page cache
before it starts, so that it has to read them itself. Where groups cannot be written, a line says so and the
process runs without a bound. `systemd-run --scope -p MemoryMax=1536M python benchmarks/volume.py` bounds the
whole of it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import torch
from memory_group import GroupError, MemoryGroup, limited

import netwright as nw

SPEC = "unet_same(width=4, depth=2, dims=3)"
PATCH = (64, 64, 64)
SLAB, RADIUS, MEAN, NOISE, BRIGHT = 32, 9, 12_000, 3_000, 9_000
SMALL = (128, 128, 128)
MIB, GIB = 2**20, 2**30


class Peak:
    """Samples the anonymous memory of this process, in MiB, while it is entered."""

    def __enter__(self) -> Self:
        self.before = self.highest = anonymous()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(0.01):
            self.highest = max(self.highest, anonymous())


def anonymous() -> float:
    """Return the resident memory that no file stands behind."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def generate(folder: Path, sides: tuple[int, int, int], balls: int) -> tuple[Path, Path]:
    """Write a volume uint16 [1, *sides] and its mask uint8 [*sides], a slab at a time."""
    random = np.random.default_rng(0)
    centres = random.uniform(RADIUS, np.array(sides) - RADIUS, (balls, 3))
    paths = folder / "volume.npy", folder / "mask.npy"
    volume = np.lib.format.open_memmap(paths[0], "w+", np.uint16, (1, *sides))
    mask = np.lib.format.open_memmap(paths[1], "w+", np.uint8, sides)
    noise = random.normal(MEAN, NOISE, (SLAB, *sides[1:])).clip(0, 65_535).astype(np.uint16)
    for start in range(0, sides[0], SLAB):
        stop = min(start + SLAB, sides[0])
        part = np.zeros((stop - start, *sides[1:]), np.uint8)
        for centre in centres[(centres[:, 0] > start - RADIUS) & (centres[:, 0] < stop + RADIUS)]:
            low = np.maximum(0, np.floor(centre - [start + RADIUS, RADIUS, RADIUS])).astype(int)
            high = np.ceil(centre - [start, 0, 0] + RADIUS).astype(int)
            window = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
            grid = np.ogrid[tuple(slice(a, a + n) for a, n in zip(low, part[window].shape, strict=True))]
            distance = sum((g - c) ** 2 for g, c in zip(grid, centre - [start, 0, 0], strict=True))
            part[window][distance < RADIUS**2] = 255
        mask[start:stop] = part
        volume[0, start:stop] = np.roll(noise[: stop - start], start, axis=1) + (part > 0) * np.uint16(BRIGHT)
    volume.flush()
    mask.flush()
    return paths


def dropped(paths: tuple[Path, Path]) -> None:
    """Write files to the disk and drop them from the page cache, so that who reads them has them counted."""
    for path in paths:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def opened(paths: tuple[Path, Path]) -> nw.Data:
    """Return the data of memory maps: the volume for training, two corners of it for validation and test."""
    volume, mask = (np.load(path, mmap_mode="c") for path in paths)
    parts = [slice(None, 64)] * 3, [slice(-96, None)] * 3
    held_out = [([volume[:, *part]], [mask[*part]]) for part in parts]
    return nw.Data.of([volume], [mask], valid=held_out[0], test=held_out[1], classes=["ground", "ball"])


def measure(folder: Path, steps: int) -> dict[str, float]:
    """Return peaks of anonymous memory in MiB, times in seconds, windows a second, and the Dice."""
    with Peak() as opening:
        begin = time.perf_counter()
        data = opened((folder / "volume.npy", folder / "mask.npy"))
    opened_in = time.perf_counter() - begin
    recipe = nw.Recipe(steps=steps, patch=PATCH, batch=2, augment=(), lr=0.02, device="cpu")
    with Peak() as training:
        begin = time.perf_counter()
        run = nw.train(SPEC, data, recipe, out=folder / "run")
    return {
        "opening": opening.highest,
        "opened_in": opened_in,
        "training": training.highest,
        "trained_in": time.perf_counter() - begin,
        "windows": statistics.median(row["examples_per_second"] for row in run.epochs),
        "dice": run.final["test"]["dice"],
    }


def child(folder: Path, steps: int, group: MemoryGroup | None) -> dict[str, float]:
    """Return what `measure` does in a process of its own, which joins the group before it starts."""
    command = [sys.executable, __file__, "--measure", str(folder), "--steps", str(steps)]
    join = group.join if group else None
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, preexec_fn=join, check=False)
    if ended.returncode:
        killed = " by the limit" if group and ended.returncode == -9 else ""
        sys.exit(f"  the process ended{killed} with {ended.returncode}")
    return json.loads(ended.stdout.splitlines()[-1])


def bounded(folder: Path, given: argparse.Namespace) -> dict[str, float]:
    """Measure under the limit where there is one, and say what it did."""
    if not given.limit:
        return child(folder, given.steps, None)
    try:
        with limited(int(given.limit * GIB)) as group:
            facts = child(folder, given.steps, group)
            limit, peak = (f"{value / MIB:,.0f} MiB" for value in (given.limit * GIB, group.peak))
            print(
                f"  limit {limit} with the page cache: at most {peak} used, reached {group.refused:,} times"
            )
    except GroupError as reason:
        print(f"  no limit: {reason}")
        return child(folder, given.steps, None)
    return facts


def show(facts: dict[str, float]) -> None:
    """Print what was measured."""
    print(f"  opened in {facts['opened_in']:.0f} s, trained and evaluated in {facts['trained_in']:.0f} s")
    opening, training = (f"{facts[name]:,.0f} MiB" for name in ("opening", "training"))
    print(f"  anonymous memory: opening at most {opening}, training {training}")
    print(f"  {facts['windows']:.2f} windows a second, test Dice {facts['dice']:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--gib", type=float, default=6, help="size of the volume without its mask")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--limit", type=float, help="GiB that the training may use, page cache included")
    parser.add_argument(
        "--folder", type=Path, help="where to write the volume; by default a temporary folder"
    )
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.steps)))
        return
    planes = int(given.gib * GIB / 2 / 1024**2)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {SPEC}, {given.steps} steps")
    for name, sides in (("small", SMALL), ("large", (planes, 1024, 1024))):
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            size = np.prod(sides) * 3 / MIB
            print(f"{name}: {' x '.join(map(str, sides))}, {size:,.0f} MiB with its mask", flush=True)
            dropped(generate(Path(folder), sides, balls=max(8, np.prod(sides) // 60**3)))
            show(bounded(Path(folder), given))


if __name__ == "__main__":
    main()
