"""A cache of its own for every test, and small images to write."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("NETWRIGHT_CACHE", str(path))
    return path


def write_image(path: Path, *, seed: int = 0, mode: str = "RGB", size: tuple[int, int] = (6, 5)) -> Path:
    """Write noise of a mode and a (width, height) as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(noise).convert(mode).save(path)
    return path


def write_classes(root: Path, counts: dict[str, int], **options) -> Path:
    """Write a folder of class folders with so many images each."""
    for c, (name, count) in enumerate(counts.items()):
        for k in range(count):
            write_image(root / name / f"{k:03}.png", seed=1000 * c + k, **options)
    return root
