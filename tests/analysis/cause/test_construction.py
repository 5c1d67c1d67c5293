"""The error of a constructor that refuses has the user's line and what it would accept."""

import pytest
from torch import nn

from netwright.analysis.cause.construction import unbuilt
from netwright.errors import SpecError
from netwright.spec import load

NET = """
from torch import nn


class Net(nn.Module):
    def __init__(self, width=10):
        super().__init__()
        self.norm = {layer}


class Sum(nn.Module):
    def __init__(self):
        super().__init__()
        self.width = 3 + "3"
"""


def explained(tmp_path, layer, name="Net"):
    file = tmp_path / "net.py"
    file.write_text(NET.format(layer=layer))
    with pytest.raises(SpecError) as caught:
        load(f"{file}:{name}")
    return str(caught.value)


@pytest.mark.parametrize(
    ("layer", "build", "fitting"),
    [
        ("nn.GroupNorm(4, width)", lambda g: nn.GroupNorm(g, 10), {"num_groups": [1, 2, 5, 10]}),
        ("nn.Conv2d(width, 15, 3, groups=2)", lambda g: nn.Conv2d(10, 15, 3, groups=g), {"groups": [1, 5]}),
        ("nn.Conv1d(9, 8, 3, groups=3)", lambda g: nn.Conv1d(9, 8, 3, groups=g), {"groups": [1]}),
    ],
)
def test_groups_that_do_not_divide_are_named_with_all_that_do(tmp_path, layer, build, fitting):
    ((name, groups),) = fitting.items()
    text = explained(tmp_path, layer)
    assert f"net.py:8:21: `self.norm = {layer}`" in text
    assert f"`{name}` must divide" in text
    assert text.endswith(f": use {' or '.join(map(str, groups))}.")
    for count in range(1, 11):
        if count in groups:
            build(count)
        else:
            with pytest.raises(ValueError, match="divisible"):
                build(count)


def test_any_other_error_has_its_line_and_no_fix(tmp_path):
    text = explained(tmp_path, "nn.Identity()", "Sum")
    assert text.endswith('net.py:14:22: `self.width = 3 + "3"`.')


def test_the_constructor_is_named_where_no_line_of_the_user_took_part():
    with pytest.raises(SpecError, match=r"\(.*conv.py:\d+\); `groups` must divide 3 and 4: use 1"):
        load("torch.nn:Conv2d(3, 4, 3, groups=2)")


def test_the_text_follows_the_message_of_python():
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("x")
    assert unbuilt(caught.value.__traceback__).startswith(", at ")
    assert "test_construction.py" in unbuilt(caught.value.__traceback__)
