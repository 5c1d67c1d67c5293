"""A cache of its own for every test, and small images to write."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("NETWRIGHT_CACHE", str(path))
    return path


@pytest.fixture(scope="session")
def write_classes() -> Callable[..., Path]:
    """Writes a folder of class folders with the given numbers of images of noise, and returns it."""

    def write(root: Path, counts: dict[str, int], mode: str = "RGB", size: tuple[int, int] = (6, 5)) -> Path:
        random = np.random.default_rng(0)
        for name, count in counts.items():
            (root / name).mkdir(parents=True, exist_ok=True)
            for k in range(count):
                noise = random.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
                Image.fromarray(noise).convert(mode).save(root / name / f"{k:03}.png")
        return root

    return write


@pytest.fixture(scope="session")
def save() -> Callable[[Path, np.ndarray], Path]:
    """Writes an array to a file by its suffix, with the folders that it needs, and returns the path."""

    def write(path: Path, values: np.ndarray) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.name.endswith((".nii", ".nii.gz")):
            import nibabel

            nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path)
        elif path.suffix == ".npy":
            np.save(path, values)
        elif values.ndim == 3 and values.shape[-1] != 3:
            import tifffile

            tifffile.imwrite(path, values)
        else:
            Image.fromarray(values).save(path)
        return path

    return write


@pytest.fixture(scope="session")
def noise() -> Callable[..., np.ndarray]:
    """Returns uint8 noise, or values of one type below a bound."""

    def make(seed: int = 0, shape: tuple[int, ...] = (6, 8), most: int = 256, kind: type = np.uint8):
        return np.random.default_rng(seed).integers(0, most, shape).astype(kind)

    return make
