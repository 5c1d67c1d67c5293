"""Resident memory of a training on a volume that is larger than the memory it may use.

    python benchmarks/volume.py [--gib 6] [--steps 10] [--folder DIR]

A volume of 16 bits with bright balls, and its mask, are written to files a slab at a time and opened as
memory maps. A 3-D U-Net then trains on windows of 64x64x64 and is evaluated on parts of the same files, by
the public functions alone. Printed is the peak of the anonymous memory of the process (`RssAnon`), which is
what it cannot give back: pages of mapped files are dropped when something else needs the memory. The same
training on a small volume stands beside it; the difference is what the size of the volume costs.
"""

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import torch

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


def opened(paths: tuple[Path, Path]) -> nw.Data:
    """Return the data of memory maps: the volume for training, two corners of it for validation and test."""
    volume, mask = (np.load(path, mmap_mode="c") for path in paths)
    parts = [slice(None, 64)] * 3, [slice(-96, None)] * 3
    held_out = [([volume[:, *part]], [mask[*part]]) for part in parts]
    return nw.Data.of([volume], [mask], valid=held_out[0], test=held_out[1], classes=["ground", "ball"])


def measure(folder: Path, sides: tuple[int, int, int], steps: int) -> tuple[float, float, float]:
    """Return the peak of opening and of training, in MiB, and the Dice coefficient on the test part."""
    paths = generate(folder, sides, balls=max(8, np.prod(sides) // 60**3))
    with Peak() as opening:
        begin = time.perf_counter()
        data = opened(paths)
    print(f"  opened in {time.perf_counter() - begin:.0f} s", flush=True)
    recipe = nw.Recipe(steps=steps, patch=PATCH, batch=2, augment=(), lr=0.02, device="cpu")
    with Peak() as training:
        begin = time.perf_counter()
        run = nw.train(SPEC, data, recipe, out=folder / "run")
    print(f"  trained in {time.perf_counter() - begin:.0f} s", flush=True)
    return opening.highest, training.highest, run.final["test"]["dice"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--gib", type=float, default=6, help="size of the volume without its mask")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument(
        "--folder", type=Path, help="where to write the volume; by default a temporary folder"
    )
    given = parser.parse_args()
    planes = int(given.gib * GIB / 2 / 1024**2)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {SPEC}, {given.steps} steps")
    for name, sides in (("small", SMALL), ("large", (planes, 1024, 1024))):
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            size = np.prod(sides) * 3 / MIB
            print(f"{name}: {' x '.join(map(str, sides))}, {size:,.0f} MiB with its mask", flush=True)
            opening, training, dice = measure(Path(folder), sides, given.steps)
            print(f"  anonymous memory: opening at most {opening:,.0f} MiB, training {training:,.0f} MiB")
            print(f"  test Dice {dice:.3f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
