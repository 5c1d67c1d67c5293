"""Declared problems: what is refused, and what dropping a requirement means."""

import subprocess
import sys

import pytest

from netwright.design.problem import LOOSEST, Problem, declare
from netwright.errors import DesignError

IMAGE, CODE = (3, 32, 32), (64, 1, 1)


@pytest.mark.parametrize(
    ("direction", "input", "output", "requirements", "said"),
    [
        ("down", IMAGE, CODE, {"layers": 0}, "`layers` (=0) must be 1 to 64"),
        ("down", IMAGE, CODE, {"layers": 10_000}, "`layers` (=10000) must be 1 to 64"),
        ("down", IMAGE, CODE, {"layers": (6, 3)}, "`layers` (=6 to 3) must be 1 to 64, smaller first"),
        ("down", IMAGE, CODE, {"layers": (1, 2, 3)}, "must be a number or a pair"),
        ("down", IMAGE, CODE, {"layers": 21}, "21 weighted layers in a row without a shortcut (NW209)"),
        ("mirror", IMAGE, CODE, {"layers": 11}, "22 weighted layers in a row"),
        ("down", IMAGE, (-64, 1, 1), {}, "`-64x1x1` is not a shape: channels and sizes must be at least 1"),
        ("down", IMAGE, (64, 0, 1), {}, "is not a shape"),
        ("down", IMAGE, (64.0, 1, 1), {}, "is not a shape"),
        ("down", IMAGE, (64, 64, 32), {}, "axis 1 would grow from 32 to 64: ask for a decoder"),
        ("mirror", IMAGE, (64, 64, 32), {}, "axis 1 would grow"),
        ("up", IMAGE, (3, 16, 64), {}, "axis 1 would shrink from 32 to 16: ask for an encoder"),
        ("down", IMAGE, (64, 1), {}, "differ in rank"),
        ("down", (3,), (64,), {}, "has 0 axes of space; use 1, 2 or 3"),
        ("down", (3, 2**21), (64, 1), {}, "is too large"),
        ("down", IMAGE, CODE, {"max_params": 0}, "`max_params` (=0) must be at least 1"),
        ("down", IMAGE, CODE, {"max_macs": -5}, "`max_macs` (=-5) must be at least 1"),
        ("down", IMAGE, CODE, {"multiple": 0}, "`multiple` (=0) must be at least 1"),
        ("down", IMAGE, CODE, {"max_step": 0.5}, "`max_step` (=0.5) must be at least 1"),
        ("down", IMAGE, CODE, {"residuals": -1}, "`residuals` (=-1) must be 0 to 16"),
        ("down", IMAGE, CODE, {"kernels": (0, 3)}, "`kernels` (=0 to 3) must be 1 to 16"),
        ("down", IMAGE, CODE, {"strides": 99}, "`strides` (=99) must be 1 to 16"),
        (
            "down",
            IMAGE,
            CODE,
            {"windows": [(3, 1, 2)]},
            "the window 3,1,2 (kernel, stride, padding) is not valid",
        ),
        ("down", IMAGE, CODE, {"windows": [(3, 1)]}, "must be (kernel, stride, padding) each"),
        ("down", IMAGE, CODE, {"objective": "beauty"}, "`objective` (='beauty') must be"),
        ("down", IMAGE, CODE, {"through": (8, 16)}, "differ in rank"),
        ("down", IMAGE, CODE, {"retrace": [IMAGE, (64, 2, 2)]}, "`retrace` must start at 3x32x32 and end"),
        (
            "down",
            IMAGE,
            CODE,
            {"max_parms": 5},
            "`max_parms` is not a requirement; did you mean max_params?",
        ),
    ],
)
def test_an_invalid_problem_is_refused_with_one_sentence(direction, input, output, requirements, said):
    with pytest.raises(DesignError) as caught:
        declare(direction, input, output, requirements)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_numbers_become_ranges_and_one_shape_a_list():
    problem = declare("down", [3, 32, 32], [64, 1, 1], {"layers": 4, "kernels": 3, "through": (8, 16, 16)})
    assert (problem.layers, problem.kernels, problem.through) == ((4, 4), (3, 3), ((8, 16, 16),))
    assert declare("down", IMAGE, CODE, {"through": [(8, 16, 16), (8, 4, 4)]}).through[1] == (8, 4, 4)


def test_given_windows_replace_the_default_ranges():
    problem = declare("down", IMAGE, CODE, {"windows": [(9, 9, 0)]})
    assert (problem.kernels, problem.strides, problem.overlap) == ((1, 16), (1, 16), False)


@pytest.mark.parametrize("name", LOOSEST)
def test_dropping_a_requirement_leaves_all_others(name):
    tight = Problem(
        IMAGE, CODE, layers=(3, 3), through=((8, 8, 8),), windows=((4, 2, 1),), max_params=9, max_macs=9,
        min_receptive_field=2, max_receptive_field=9, max_step=2, retrace=(IMAGE, CODE),
    )  # fmt: skip
    assert set(tight.requirements()) == set(LOOSEST)
    assert set(tight.without(name).requirements()) == set(LOOSEST) - {name}


def test_more_layers_in_a_row_are_allowed_with_shortcuts():
    assert declare("down", IMAGE, CODE, {"layers": (19, 24)}).counts() == [19, 20]
    assert declare("down", IMAGE, CODE, {"layers": (19, 24), "residuals": 1}).counts() == list(range(19, 25))
    assert declare("mirror", IMAGE, CODE, {"layers": (9, 12)}).counts() == [9, 10]


def test_declaring_and_solving_import_no_torch():
    ask = "nw.design.encoder((3, 8, 8), (8, 1, 1))"
    code = f"import netwright as nw, sys; {ask}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
