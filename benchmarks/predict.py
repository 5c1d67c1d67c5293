"""Prediction of large images by tiles: throughput beside the bare forward pass, and resident memory.

    python benchmarks/predict.py speed [--side 4096] [--rounds 5] [--memory 2GiB]
    python benchmarks/predict.py memory [--side 20000] [--memory 3GiB]

`speed` predicts a tiled, compressed TIFF file, from reading to writing, in turn with two bare loops over
tensors that are in memory and normalised already: the network over the same tiles, and over the whole image
at once, which takes more memory. Times are those of the processor, ratios medians of paired rounds.

`memory` generates a tiled TIFF file of cells in one process and predicts it in another, whose anonymous
memory (`RssAnon`: what it cannot give back) and largest resident memory (`VmHWM`) are printed. A limit on the
address space would say nothing, because torch reserves far more of it than it uses.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np
import tifffile
import torch

import netwright as nw
from netwright.design import capacity
from netwright.prediction.maps import predict_map
from netwright.prediction.predictor import Predictor

TILE = 512
CELL = 40
MIB = 2**20


def cells(side: int, seed: int = 0) -> np.ndarray:
    """Return an image of bright discs on a grid, with noise."""
    random = np.random.default_rng(seed)
    y, x = np.ogrid[:side, :side]
    disc = (y % CELL - CELL // 2) ** 2 + (x % CELL - CELL // 2) ** 2 < (CELL // 3) ** 2
    return (disc * 90 + random.integers(0, 120, (side, side))).astype(np.uint8)


def trained(folder: Path, spec: str) -> nw.Run:
    """Return a run of a few steps: how good it is does not matter here."""
    images = np.stack([cells(256, seed) for seed in range(4)])
    masks = (np.stack([cells(256, 9)] * 4) > 100).astype(np.uint8)
    data = nw.Data.of(images, masks, classes=["ground", "cell"])
    recipe = nw.Recipe(steps=2, batch=1, patch=(128, 128), augment=(), device="cpu")
    return nw.train(spec, data, recipe, out=folder / "run")


def pieces(side: int) -> Iterator[np.ndarray]:
    """Yield the tiles of a large image in order, made from one small image."""
    small = cells(TILE * 3)
    across = -(-side // TILE)
    for k in range(across**2):
        row, column = (k // across % 3) * TILE, (k % across % 3) * TILE
        yield small[row : row + TILE, column : column + TILE]


def written(path: Path, side: int) -> None:
    """Write a tiled, compressed TIFF file, a tile at a time."""
    tifffile.imwrite(
        path,
        pieces(side),
        shape=(side, side),
        dtype=np.uint8,
        tile=(TILE, TILE),
        compression="zlib",
        photometric="minisblack",
    )


def timed(work: Callable[[], object]) -> float:
    """Return the processor seconds that something takes: other work on the machine changes them little."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def speed(folder: Path, spec: str, side: int, rounds: int, memory: int) -> None:
    """Print how much longer a prediction takes than the bare forward passes."""
    predictor = Predictor.of(trained(folder, spec))
    written(folder / "large.tif", side)
    stored = torch.from_numpy(tifffile.imread(folder / "large.tif"))[None, None]
    made = predict_map(predictor, folder / "large.tif", folder / "map.tif", memory=memory)
    tile, whole = torch.randn(1, 1, *made.tile), predictor.prepare(stored)
    print(f"{made.tiles} tiles of {made.tile}, {made.peak / MIB:,.0f} MiB for one; {made.notes or ''}")

    def tiles() -> None:
        for _ in range(made.tiles):
            predictor(tile)

    times: dict[str, list[float]] = {"predict_map": [], "the same tiles": [], "the whole at once": []}
    for _ in range(rounds):
        times["predict_map"].append(
            timed(lambda: predict_map(predictor, folder / "large.tif", folder / "map.tif", memory=memory))
        )
        times["the same tiles"].append(timed(tiles))
        times["the whole at once"].append(timed(lambda: predictor(whole)))
    for name, seconds in times.items():
        ratio = median(mine / other for mine, other in zip(times["predict_map"], seconds, strict=True))
        rate = side * side / 1e6 / median(seconds)
        print(f"{name:18} {median(seconds):7.2f} s {rate:7.2f} Mpixel/s   predict_map / this {ratio:.3f}")


def memory(folder: Path, spec: str, side: int, most: int) -> None:
    """Print the largest memory of a process that predicts one large file."""
    run = trained(folder, spec)
    written(folder / "large.tif", side)
    print(
        f"{side:,} x {side:,}: {(folder / 'large.tif').stat().st_size / MIB:,.0f} MiB in the file", flush=True
    )
    command = [sys.executable, __file__, "child", str(run.folder), str(folder / "large.tif")]
    process = subprocess.Popen([*command, "--memory", f"{most}B"], stdout=subprocess.PIPE, text=True)
    anonymous = 0
    while process.poll() is None:
        anonymous = max(anonymous, status(process.pid, "RssAnon"))
        time.sleep(0.02)
    assert process.stdout is not None
    print(process.stdout.read().strip())
    print(f"largest anonymous memory {anonymous / 1024:,.0f} MiB")


def status(process: int | str, key: str) -> int:
    """Return a line of /proc/PROCESS/status in KiB; 0 where the process has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(key)), 0)


def child(run: Path, image: Path, most: int) -> None:
    """Predict one file and print what it took."""
    predictor = Predictor.of(run)
    before = status("self", "RssAnon")
    begin = time.perf_counter()
    made = predict_map(predictor, image, image.with_name("map.tif"), memory=most)
    seconds = time.perf_counter() - begin
    rate = np.prod(made.shape) / 1e6 / seconds
    print(f"{made.tiles} tiles of {made.tile}, planned {made.peak / MIB:,.0f} MiB for one; {made.inexact}")
    print(f"{seconds:,.0f} s, {rate:.2f} Mpixel/s; anonymous memory before {before / 1024:,.0f} MiB")
    print(f"VmHWM {status('self', 'VmHWM') / 1024:,.0f} MiB, with pages of mapped files")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["speed", "memory", "child"])
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--side", type=int)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", default="2GiB")
    parser.add_argument("--spec", default="unet_same(width=4, depth=2)")
    given = parser.parse_args()
    most = capacity.parse(given.memory)
    if given.what == "child":
        return child(*given.paths, most)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {given.spec}, {given.memory}")
    with tempfile.TemporaryDirectory() as name:
        if given.what == "speed":
            speed(Path(name), given.spec, given.side or 4096, given.rounds, most)
        else:
            memory(Path(name), given.spec, given.side or 20_000, most)
    return None


if __name__ == "__main__":
    sys.exit(main())
