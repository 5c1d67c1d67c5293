"""The digits that come with scikit-learn: 1,797 grey images of 8x8 pixels, which need no download.

Alpaydin & Kaynak 1998, UCI repository; the test part of the original set.
"""

from io import BytesIO

import numpy as np
from PIL import Image

from netwright.data.kinds import Kind
from netwright.data.stored import Stored, StoredSplit


def stored() -> Stored:
    """Return all digits, of which 180 are held out for validation and 360 for the test."""
    from sklearn.datasets import load_digits  # slow to import

    bunch = load_digits()
    grey = np.round(bunch.images * (255 / 16)).astype(np.uint8)  # the values are counts from 0 to 16
    split = StoredSplit(
        [_png(image) for image in grey], {Kind.CLASS: bunch.target.tolist()}, "image {} of digits".format
    )
    return Stored(tuple(str(digit) for digit in range(10)), {"train": split}, {"valid": 180, "test": 360})


def _png(image: np.ndarray) -> bytes:
    stream = BytesIO()
    Image.fromarray(image).save(stream, "png")
    return stream.getvalue()
