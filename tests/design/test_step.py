"""What one layer may do to one axis: the limits against torch."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from netwright.design.problem import Problem
from netwright.design.step import LONG, Step, StepLimits, _shortened, checkered, dead, skipped, steps, why_not

DOWN = StepLimits(False, (1, 7), (1, 4), (), True, True, True, True)
UP = StepLimits(True, (1, 7), (1, 4), (), True, True, True, True)


def gradients(step: Step, *, up: bool):
    """Output size, and what each input position and tap gets from the sum of a convolution of ones."""
    x = torch.ones(1, 1, step.size, dtype=torch.float64, requires_grad=True)
    w = torch.ones(1, 1, step.kernel, dtype=torch.float64, requires_grad=True)
    if up:
        y = F.conv_transpose1d(x, w, None, step.stride, step.padding, step.output_padding)
    else:
        y = F.conv1d(x, w, None, step.stride, step.padding)
    y.sum().backward()
    return y.detach().flatten(), x.grad.flatten(), w.grad.flatten()


@settings(max_examples=25)
@given(st.integers(1, 40), st.booleans())
def test_every_legal_step_has_torch_s_size_reads_all_writes_all_and_wastes_no_tap(size, up):
    for step in steps(size, UP if up else DOWN):
        y, by_input, by_tap = gradients(step, up=up)
        assert len(y) == step.out
        assert by_input.all()
        assert by_tap.all()
        assert y.all()
        assert step.out >= size if up else step.out <= size
        assert not up or step.kernel % step.stride == 0


@given(st.integers(1, 12), st.integers(1, 6), st.integers(1, 4), st.integers(0, 3))
def test_what_is_left_out_is_left_out_for_a_reason_that_torch_shows(size, kernel, stride, padding):
    padding = min(padding, kernel // 2)
    out = (size + 2 * padding - kernel) // stride + 1
    if not 1 <= out <= size:
        return
    step = Step(size, out, kernel, stride, padding)
    _, by_input, by_tap = gradients(step, up=False)
    assert bool(dead(step, up=False)) == (not by_tap.all())
    assert bool(skipped(step, up=False)) == (not by_input.all())
    blind = out > 1 and kernel <= stride
    assert bool(why_not(step, DOWN)) == (blind or not by_input.all() or not by_tap.all())


@given(st.integers(1, 7), st.integers(1, 6), st.integers(1, 4), st.integers(0, 3), st.integers(0, 3))
def test_what_is_left_out_when_going_up_is_left_out_for_a_reason(
    size, kernel, stride, padding, output_padding
):
    padding, output_padding = min(padding, kernel // 2), min(output_padding, stride - 1)
    out = (size - 1) * stride - 2 * padding + kernel + output_padding
    if out < size:
        return
    step = Step(size, out, kernel, stride, padding, output_padding)
    y, _, by_tap = gradients(step, up=True)
    assert bool(dead(step, up=True)) == (not by_tap.all())
    assert bool(skipped(step, up=True)) == (not y.all())


@given(st.integers(LONG, 3000), st.booleans())
def test_a_long_axis_keeps_and_breaks_the_rules_of_the_short_one_that_stands_for_it(size, up):
    limits = UP if up else DOWN
    for kernel, stride, padding in ((3, 2, 1), (4, 2, 1), (5, 4, 2), (7, 3, 0), (2, 3, 1), (6, 3, 3)):
        out = (
            (size - 1) * stride - 2 * padding + kernel if up else (size + 2 * padding - kernel) // stride + 1
        )
        step = Step(size, out, kernel, stride, padding)
        short = _shortened(step, up=up)
        assert short.size < LONG + stride
        assert bool(why_not(short, limits)) == bool(why_not(step, limits))


def test_the_pattern_of_the_course_is_legal_where_it_wastes_nothing():
    """4,2,1 down to 4x4 is fine; at 2x2 three quarters of its taps are dead."""
    assert why_not(Step(8, 4, 4, 2, 1), DOWN) == ""
    assert "2 of 4 taps never touch data" in why_not(Step(2, 1, 4, 2, 1), DOWN)
    assert (2, 1) in {(step.kernel, step.out) for step in steps(2, DOWN)}


@pytest.mark.parametrize("stride", [2, 3, 4])
def test_only_multiples_of_the_stride_draw_no_checkerboard(stride):
    assert [k for k in range(stride, 9) if not checkered(k, stride)] == list(range(stride, 9, stride))


def test_given_patterns_are_the_only_ones():
    limits = StepLimits.of(Problem((3, 32), (8, 4), windows=((4, 2, 1),), overlap=False), up=False)
    assert [(s.kernel, s.stride, s.padding) for s in steps(32, limits)] == [(4, 2, 1)]


@settings(max_examples=20)
@given(st.integers(3, 60))
def test_a_looser_rule_never_takes_a_size_away(size):
    loose = StepLimits(False, (1, 7), (1, 4), (), False, False, False, False)
    choices = {(step.out, step.kernel) for step in steps(size, DOWN)}
    assert choices <= {(step.out, step.kernel) for step in steps(size, loose)}
