"""The design functions: the problems every designer meets, and drawn ones, held by the real module."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from torch import nn

import netwright as nw
from design.problems import small
from netwright.analysis.macs import macs
from netwright.arithmetic.coverage import (
    dead_share,
    live_taps,
    transposed_live_taps,
    uneven_overlap,
)
from netwright.design import autoencoder, between, decoder, encoder
from netwright.design.directions import design
from netwright.design.solution import Solution
from netwright.errors import DesignError, InfeasibleError
from netwright.receptive.sets import index_map
from netwright.spec import load

EXAMPLES = {
    "image": lambda: encoder((3, 32, 32), (1024, 1, 1), layers=5),
    "image under 2 M": lambda: encoder((3, 32, 32), (1024, 1, 1), layers=5, max_params=2_000_000),
    "oblong": lambda: encoder((3, 32, 64), (1024, 1, 1)),
    "mirror": lambda: autoencoder((3, 32, 32), (1024, 1, 1), layers=5),
    "through": lambda: encoder((3, 128, 128), (512, 1, 1), through=(64, 8, 8)),
    "series": lambda: encoder((1, 16384), (128, 1)),
    "volume": lambda: encoder((1, 64, 64, 64), (256, 1, 1, 1)),
}


@pytest.fixture(params=EXAMPLES, scope="module")
def solution(request) -> Solution:
    return EXAMPLES[request.param]()


def convolutions(net: nn.Module) -> list[nn.Module]:
    return [m for m in net.modules() if isinstance(m, nn.modules.conv._ConvNd)]


def seen_shapes(net: nn.Module, input: tuple[int, ...]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Input and output shape of every convolution, as torch sees them."""
    shapes = []
    hooks = [
        conv.register_forward_hook(lambda m, x, y: shapes.append((tuple(x[0].shape[1:]), tuple(y.shape[1:]))))
        for conv in convolutions(net)
    ]
    net.eval()(torch.zeros(1, *input))
    for hook in hooks:
        hook.remove()
    return shapes


def check(solution: Solution) -> None:
    """Shapes, parameters and MACs of the built module are the solution's."""
    net = solution.build()
    assert sum(p.numel() for p in net.parameters()) == solution.params
    assert macs(net, solution.input) == solution.macs
    assert net(torch.zeros(2, *solution.input)).shape[1:] == solution.output
    inner = {layer.reduced for layer in solution.layers if layer.reduced != layer.input[0]}
    reached = [
        after for _, after in seen_shapes(net, solution.input) if after in solution.shapes or not inner
    ]
    assert [after for after in solution.shapes[1:] if after not in reached] == []
    if not inner and not solution.problem.residuals:
        assert seen_shapes(net, solution.input) == list(pairwise(solution.shapes))


def clean(net: nn.Module, input: tuple[int, ...]) -> None:
    """The linter's limits on torch's own modules: NW103, NW104, NW105, NW106, NW108, NW304, NW305, NW404."""
    for conv, (before, after) in zip(convolutions(net), seen_shapes(net, input), strict=True):
        args = list(zip(before[1:], conv.kernel_size, conv.stride, conv.padding, strict=True))
        assert not any(k == 1 and p for _, k, _, p in args)
        assert math.prod(before) <= 8 * math.prod(after) or math.prod(conv.kernel_size) == 1
        if conv.transposed:
            live = [transposed_live_taps(*a, e) for a, e in zip(args, conv.output_padding, strict=True)]
            assert all(len(set(uneven_overlap(k, s))) == 1 for _, k, s, _ in args)
        else:
            live = [live_taps(*axis) for axis in args]
            assert not any(index_map.window(*axis).partial for axis in args)
        assert dead_share(live) == 0
    net.train()(torch.zeros(1, *input))
    assert not isinstance(list(net.modules())[-1], nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d)


def test_the_built_module_has_the_shapes_parameters_and_macs_of_the_solution(solution):
    check(solution)


def test_the_built_module_keeps_the_rules_of_the_linter(solution):
    clean(solution.build(), solution.input)
    assert nw.check(solution.build(), solution.input) == []


def test_the_summary_of_the_built_module_agrees_with_the_solution(solution):
    summary = nw.summary(solution.build(), solution.input)
    assert (summary.params, summary.macs) == (solution.params, solution.macs)


def test_the_printed_source_imports_builds_and_gives_the_same_numbers(solution, tmp_path):
    path = tmp_path / "net.py"
    path.write_text(solution.source())
    name = "Autoencoder" if len(solution.chains) == 2 else "Encoder"
    ours, printed = solution.build(), load(f"{path}:{name}")
    printed.load_state_dict(ours.state_dict())
    x = torch.rand(2, *solution.input)
    torch.testing.assert_close(printed.eval()(x), ours.eval()(x), rtol=0, atol=0)


def test_the_examples_are_what_was_asked():
    solutions = {name: make() for name, make in EXAMPLES.items()}
    assert [layer.output[1] for layer in solutions["image"].layers] == [16, 8, 4, 2, 1]
    assert solutions["image under 2 M"].params <= 2_000_000
    assert solutions["oblong"].input == (3, 32, 64)
    assert solutions["mirror"].shapes == solutions["mirror"].shapes[::-1]
    assert solutions["mirror"].shapes[5] == (1024, 1, 1)
    assert (64, 8, 8) in solutions["through"].shapes
    assert [len(solutions[name].layers[0].kernel) for name in ("series", "image", "volume")] == [1, 2, 3]


@settings(max_examples=15)
@given(small())
def test_a_drawn_solution_holds_on_the_real_module(problem):
    try:
        solution = design(problem)
    except InfeasibleError:
        return
    check(solution)
    if all((problem.no_dead_taps, problem.no_skips, problem.kernel_multiple, problem.no_collapse)):
        clean(solution.build(), solution.input)


def test_a_budget_that_binds_is_kept_and_one_that_does_not_changes_nothing():
    free = EXAMPLES["image"]()
    assert EXAMPLES["image under 2 M"]().layers[0].output == free.layers[0].output
    tight = encoder((3, 32, 32), (1024, 1, 1), layers=5, max_params=500_000)
    assert tight.params <= 500_000 < free.params
    assert encoder((3, 32, 32), (1024, 1, 1), layers=5, max_macs=1_500_000).macs <= 1_500_000 < free.macs


def test_a_receptive_field_between_bounds_is_found():
    solution = encoder((3, 32, 32), (64, 4, 4), layers=3, min_receptive_field=40, max_receptive_field=44)
    assert 40 <= min(solution.receptive_field) <= max(solution.receptive_field) <= 44
    code = autoencoder((3, 32, 32), (64, 4, 4), layers=3, min_receptive_field=40)
    assert min(Solution(code.problem, code.chains["encoder"]).receptive_field) >= 40


def test_residual_blocks_stand_between_the_layers():
    solution = encoder((3, 32, 32), (64, 1, 1), layers=5, residuals=2)
    assert [layer.residuals for layer in solution.layers] == [2, 2, 2, 2, 0]
    check(solution)
    clean(solution.build(), solution.input)


def test_groups_and_bottlenecks_save_parameters():
    free = encoder((16, 32, 32), (64, 4, 4), layers=3)
    grouped = encoder((16, 32, 32), (64, 4, 4), layers=3, groups=4)
    narrow = encoder((16, 32, 32), (64, 4, 4), layers=3, bottleneck=4)
    assert {conv.groups for conv in convolutions(grouped.build())} == {4}
    assert max(grouped.params, narrow.params) < free.params
    check(grouped)
    check(narrow)


def test_a_decoder_may_retrace_an_encoder_of_odd_sizes():
    down = encoder((3, 45, 30), (64, 3, 2), layers=4)
    up = decoder((64, 3, 2), (3, 45, 30), mirror=down)
    assert up.shapes == down.shapes[::-1]
    check(up)
    clean(up.build(), up.input)


def test_a_decoder_finds_its_own_sizes():
    solution = decoder((128, 1, 1), (3, 48, 48))
    assert all(layer.transposed for layer in solution.layers)
    check(solution)
    clean(solution.build(), solution.input)


@pytest.mark.parametrize(
    ("input", "output", "kinds"),
    [((64, 8, 8), (128, 8, 8), {False}), ((64, 8, 8), (32, 16, 16), {True}), ((8, 9), (8, 3), {False})],
)
def test_between_two_shapes_the_way_goes_where_the_larger_is(input, output, kinds):
    solution = between(input, output)
    assert (solution.input, solution.output) == (input, output)
    assert {layer.transposed for layer in solution.layers} == kinds
    check(solution)


def test_between_refuses_to_grow_and_shrink_at_once():
    with pytest.raises(DesignError, match="one axis grows and another shrinks"):
        between((8, 4, 4), (8, 2, 8))


def test_alternatives_have_shapes_of_their_own_and_meet_the_same_requirements():
    solution = encoder((3, 32, 32), (64, 4, 4), layers=3, max_params=30_000, alternatives=3)
    every = [solution, *solution.alternatives]
    assert len({each.shapes for each in every}) == 4
    for each in every:
        assert each.params <= 30_000
        check(each)


@pytest.mark.parametrize("alternatives", [-1, 21])
def test_too_many_alternatives_are_refused(alternatives):
    with pytest.raises(DesignError, match="`alternatives`"):
        encoder((3, 8, 8), (8, 1, 1), alternatives=alternatives)
