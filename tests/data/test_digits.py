"""The digits of scikit-learn."""

import subprocess
import sys
from io import BytesIO

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from netwright.data import digits
from netwright.data.kinds import Kind


def test_every_digit_is_stored_with_its_class_and_scaled_to_the_full_range():
    stored = digits.stored()
    raw = load_digits()
    assert stored.classes == tuple("0123456789")
    assert list(stored.splits) == ["train"]
    split = stored.splits["train"]
    assert split.targets[Kind.CLASS] == raw.target.tolist()
    images = np.stack([np.asarray(Image.open(BytesIO(image))) for image in split.images])
    assert images.dtype == np.uint8
    assert images.max() == 255
    np.testing.assert_allclose(images / 255 * 16, raw.images, atol=0.5 / 255 * 16)


def test_1257_are_left_to_train_on():
    stored = digits.stored()
    assert len(stored.splits["train"]) - sum(stored.held_out.values()) == 1257


def test_a_place_names_the_digit():
    assert digits.stored().splits["train"].place(7) == "image 7 of digits"


def test_reading_them_by_name_imports_only_what_they_need():
    code = """
import sys
from netwright.data.source import find
assert len(find("digits").splits["train"]) == 1797
print(*{"sklearn", "pandas", "pyarrow", "datasets", "torchmetrics", "lightning_fabric"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
