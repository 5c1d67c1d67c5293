"""The digits that come with scikit-learn: 1,797 grey images of 8x8 pixels, no network needed.

Alpaydin & Kaynak 1998, UCI repository; the test part of the original set.
"""

from io import BytesIO

import numpy as np
from PIL import Image

from netwright.data.stored import Stored, StoredSplit


def stored() -> Stored:
    """All digits; 1,257 are left to train on when 180 and 360 are held out for validation and test."""
    from sklearn.datasets import load_digits  # slow to import

    bunch = load_digits()
    grey = np.round(bunch.images * (255 / 16)).astype(np.uint8)  # stored as counts 0..16
    split = StoredSplit([_png(image) for image in grey], bunch.target.tolist(), "digit {}".format)
    return Stored(tuple(str(digit) for digit in range(10)), {"train": split}, {"valid": 180, "test": 360})


def _png(image: np.ndarray) -> bytes:
    stream = BytesIO()
    Image.fromarray(image).save(stream, "png")
    return stream.getvalue()
