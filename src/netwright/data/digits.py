"""The digits that come with scikit-learn: 1,797 grey images of 8x8 pixels, which need no download.

Alpaydin & Kaynak 1998, UCI repository; the test part of the original set.
"""

from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from netwright.data.kinds import Kind
from netwright.data.stored import Stored, StoredSplit


def stored() -> Stored:
    """Return all digits, of which 180 are held out for validation and 360 for the test."""
    rows = np.loadtxt(_file(), delimiter=",", dtype=np.float64)
    counts, classes = rows[:, :-1].reshape(-1, 8, 8), rows[:, -1].astype(int)
    grey = np.round(counts * (255 / 16)).astype(np.uint8)  # the values are counts from 0 to 16
    split = StoredSplit(
        [_png(image) for image in grey], {Kind.CLASS: classes.tolist()}, "image {} of digits".format
    )
    return Stored(tuple(str(digit) for digit in range(10)), {"train": split}, {"valid": 180, "test": 360})


def _file() -> Path:
    """Return the file that `sklearn.datasets.load_digits` reads; importing scikit-learn takes a second."""
    package = find_spec("sklearn")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"


def _png(image: np.ndarray) -> bytes:
    stream = BytesIO()
    Image.fromarray(image).save(stream, "png")
    return stream.getvalue()
