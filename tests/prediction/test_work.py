"""What becomes of a file that cannot be read."""

from pathlib import Path

import pytest

from netwright.errors import DataError, UnreadableError
from netwright.prediction.inputs import Input
from netwright.prediction.work import Options, Skipped, bad

FILE = Input(Path("data/x.png"), "x.png")
DAMAGE = UnreadableError("it is cut short")


def test_it_is_refused_with_the_remedy():
    with pytest.raises(DataError, match=r"`data.x\.png` cannot be read: it is cut short; .* --skip-bad"):
        bad(FILE, DAMAGE, Options())


def test_on_request_it_is_left_out_and_named():
    skipped = bad(FILE, DAMAGE, Options(skip_bad=True))
    assert skipped == Skipped(FILE, "it is cut short")
    assert str(skipped) == f"left out `{FILE.path}`: it is cut short"
