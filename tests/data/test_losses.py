"""Losses against brute force, torch's own and numerical gradients, with ignored positions everywhere."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from netwright.data.kinds import IGNORE
from netwright.data.losses import LOSSES, cross_entropy, dice, focal, generalised_dice, named, tversky
from netwright.errors import RecipeError
from strategies import several


def drawn(seed: int, space: tuple[int, ...], classes: int = 3, batch: int = 2) -> tuple[Tensor, Tensor]:
    """An output in double precision, and a target in which about a third of the positions is ignored."""
    generator = torch.Generator().manual_seed(seed)
    output = torch.randn(batch, classes, *space, generator=generator, dtype=torch.float64)
    target = torch.randint(-1, classes, (batch, *space), generator=generator)
    return output, torch.where(torch.rand(target.shape, generator=generator) < 0.2, IGNORE, target)


def counted(output: Tensor, target: Tensor) -> list[tuple[list[float], int]]:
    """The probabilities and the class of each position that counts, one by one."""
    pairs = []
    for example, classes in zip(output, target, strict=True):
        for logits, true in zip(example.flatten(1).T.tolist(), classes.flatten().tolist(), strict=True):
            if true != IGNORE:
                total = sum(math.exp(value) for value in logits)
                pairs.append(([math.exp(value) / total for value in logits], true))
    return pairs


def indices(output: Tensor, target: Tensor, alpha: float, beta: float) -> dict[int, float]:
    """The Tversky index of each class that occurs, without smoothing."""
    pairs = counted(output, target)
    result = {}
    for c in {true for _, true in pairs}:
        tp = sum(p[c] for p, true in pairs if true == c)
        fp = sum(p[c] for p, true in pairs if true != c)
        fn = sum(1 - p[c] for p, true in pairs if true == c)
        result[c] = tp / (tp + alpha * fp + beta * fn)
    return result


SPACES = several(st.integers(1, 4))
SEEDS = st.integers(0, 10_000)


@given(SEEDS, SPACES)
def test_the_cross_entropy_is_torchs_mean_over_what_counts(seed, space):
    output, target = drawn(seed, space)
    if (target != IGNORE).any():
        torch.testing.assert_close(
            cross_entropy(output, target), F.cross_entropy(output, target, ignore_index=IGNORE)
        )


@given(SEEDS, SPACES)
def test_focal_and_tversky_are_their_papers_formulas_position_by_position(seed, space):
    output, target = drawn(seed, space)
    pairs = counted(output, target)
    if not pairs:
        return
    by_hand = sum(-((1 - p[true]) ** 2) * math.log(p[true]) for p, true in pairs) / len(pairs)
    assert focal(output, target).item() == pytest.approx(by_hand)
    for loss, alpha, beta in ((tversky, 0.3, 0.7), (dice, 0.5, 0.5)):
        found = indices(output, target, alpha, beta)
        assert loss(output, target).item() == pytest.approx(1 - sum(found.values()) / len(found), abs=1e-4)


@given(SEEDS, SPACES)
def test_the_generalised_dice_weighs_each_class_by_its_squared_size(seed, space):
    output, target = drawn(seed, space)
    pairs = counted(output, target)
    if not pairs:
        return
    above = below = 0.0
    for c in {true for _, true in pairs}:
        size = sum(true == c for _, true in pairs)
        above += sum(p[c] for p, true in pairs if true == c) / size**2
        below += sum(p[c] + (true == c) for p, true in pairs) / size**2
    assert generalised_dice(output, target).item() == pytest.approx(1 - 2 * above / below, abs=1e-6)


def test_dice_sums_over_the_batch_and_leaves_out_classes_that_do_not_occur():
    """An example without the class would have a coefficient of its own of 0, or of 1 by smoothing."""
    output = torch.tensor([[[0.0, 0.0], [0.0, 0.0], [-30.0, -30.0]]] * 2, dtype=torch.float64)
    target = torch.tensor([[0, 0], [1, 1]])
    assert dice(output, target).item() == pytest.approx(1 - 2 * 1 / (2 + 2), abs=1e-4)


@pytest.mark.parametrize("name", LOSSES)
def test_what_the_network_gives_at_ignored_positions_changes_nothing(name):
    output, target = drawn(3, (4, 5))
    moved = torch.where((target == IGNORE)[:, None], output + 100 * torch.randn_like(output), output)
    torch.testing.assert_close(LOSSES[name](moved, target), LOSSES[name](output, target))
    output.requires_grad_()
    LOSSES[name](output, target).backward()
    assert output.grad.abs().amax(1)[target == IGNORE].max() == 0
    assert output.grad.abs().amax(1)[target != IGNORE].min() > 0


@pytest.mark.parametrize("name", [*LOSSES, "dice+cross-entropy"])
def test_the_gradient_is_the_numerical_one(name):
    output, target = drawn(5, (2, 3))
    assert torch.autograd.gradcheck(lambda each: named(name)(each, target), output.requires_grad_())


@pytest.mark.parametrize("name", LOSSES)
def test_all_positions_ignored_give_a_finite_loss_without_gradient(name):
    output = torch.randn(2, 3, 4, requires_grad=True)
    loss = LOSSES[name](output, torch.full((2, 4), IGNORE))
    loss.backward()
    assert loss.item() == 0
    assert output.grad.abs().max() == 0


@pytest.mark.parametrize("name", LOSSES)
def test_sixteen_bits_do_not_overflow_over_a_large_map(name):
    output = torch.zeros(1, 2, 400, 400, dtype=torch.float16)
    target = torch.arange(400 * 400).reshape(1, 400, 400) % 2
    expected = LOSSES[name](output.double(), target)
    assert LOSSES[name](output, target).item() == pytest.approx(expected.item(), rel=1e-3)


def test_names_joined_by_a_plus_are_summed():
    output, target = drawn(7, (3, 3))
    both = named("dice + cross-entropy")(output, target)
    torch.testing.assert_close(both, dice(output, target) + cross_entropy(output, target))


@pytest.mark.parametrize(
    ("name", "hint"), [("dise+focal", "did you mean dice?"), ("hinge", "has cross-entropy,")]
)
def test_an_unknown_name_is_refused_with_the_nearest(name, hint):
    with pytest.raises(RecipeError, match="`loss`") as refused:
        named(name)
    assert hint in str(refused.value)
