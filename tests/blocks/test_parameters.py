"""Parameters as a table, and tying."""

import pytest
import torch
from torch import nn

from netwright.blocks.parameters import measure_gradients, rows, tie
from netwright.errors import UsageError


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def test_a_row_says_name_shape_mean_and_deviation():
    net = nn.Linear(3, 2)
    nn.init.constant_(net.bias, 4.0)
    weight, bias = rows(net)
    values = net.weight.detach().numpy()
    assert (weight.name, weight.shape, weight.gradient, weight.tied) == ("weight", (2, 3), None, ())
    assert weight.mean == pytest.approx(values.mean(), abs=1e-7)
    assert weight.deviation == pytest.approx(values.std(ddof=1))
    assert (bias.mean, bias.deviation) == (4.0, 0.0)


def test_a_row_says_the_gradient_once_there_is_one_and_what_is_frozen():
    net = nn.Linear(3, 2)
    net.bias.requires_grad_(False)
    net(torch.ones(1, 3)).sum().backward()
    weight, bias = rows(net)
    assert (weight.gradient, weight.trained) == (1.0, True)
    assert (bias.gradient, bias.trained) == (None, False)


def test_one_value_has_no_deviation_and_a_meta_parameter_no_values():
    (scale,) = rows(nn.PReLU())
    assert (scale.mean, scale.deviation) == (0.25, None)
    with torch.device("meta"):
        assert {(row.mean, row.deviation) for row in rows(nn.Linear(2, 2))} == {(None, None)}


def test_a_tied_parameter_is_one_seen_under_both_names_and_trained_by_both():
    embed, head = nn.Embedding(5, 3), nn.Linear(3, 5, bias=False)
    tie(embed, "weight", head)
    net = nn.ModuleDict({"embed": embed, "head": head})
    assert head.weight is embed.weight
    assert [(row.name, row.tied) for row in rows(net)] == [
        ("embed.weight", ("head.weight",)),
        ("head.weight", ("embed.weight",)),
    ]
    head(embed(torch.tensor([1]))).sum().backward()
    assert embed.weight.grad is not None
    assert count(net) == 15


def test_another_name_may_be_tied():
    one, two = nn.Linear(2, 2), nn.Bilinear(2, 2, 2)
    tie(one, "bias", two, as_name="bias")
    assert two.bias is one.bias


def test_a_module_repeated_is_seen_too():
    """Two distinct convolutions have 3,052 parameters, one repeated has 1,526."""
    conv = nn.Conv2d(12, 14, 3)
    assert count(nn.Sequential(nn.Conv2d(12, 14, 3), nn.Conv2d(12, 14, 3))) == 3052
    repeated = nn.Sequential(conv, conv)
    assert count(repeated) == 1526
    assert [row.tied for row in rows(repeated)][:2] == [("1.weight",), ("1.bias",)]


@pytest.mark.parametrize(
    ("first", "name", "second", "message"),
    [
        (nn.Linear(3, 2), "wieght", nn.Linear(3, 2), "Linear has no parameter `wieght`; it has weight, bias"),
        (nn.Linear(3, 2), "bias", nn.ReLU(), "ReLU has no parameter `bias`; it has none"),
        (
            nn.Linear(3, 2),
            "weight",
            nn.Linear(2, 3),
            r"`weight` \(2, 3\) and `weight` \(3, 2\) cannot be one",
        ),
    ],
)
def test_what_cannot_be_tied_is_refused(first, name: str, second, message: str):
    with pytest.raises(UsageError, match=message):
        tie(first, name, second)


class Several(nn.Module):
    """Outputs as a dict of lists, one parameter unused."""

    def __init__(self):
        super().__init__()
        self.used, self.unused = nn.Linear(3, 2), nn.Linear(3, 2)

    def forward(self, x):
        return {"y": [self.used(x), (x, "text")]}


def test_gradients_are_those_of_the_mean_square_of_every_output():
    net, x = Several(), torch.randn(4, 3)
    measure_gradients(net, x)
    (expected,) = torch.autograd.grad(net.used(x).square().mean(), net.used.bias)
    torch.testing.assert_close(net.used.bias.grad, expected)
    assert [row.gradient is None for row in rows(net)] == [False, False, True, True]


def test_what_has_no_gradient_or_fails_is_refused():
    with pytest.raises(UsageError, match="no output of the network depends on a trained parameter"):
        measure_gradients(nn.Linear(3, 2).requires_grad_(False), torch.zeros(1, 3))
    with pytest.raises(UsageError, match=r"fails on an input of \(1, 4\): mat1 and mat2"):
        measure_gradients(nn.Linear(3, 2), torch.zeros(1, 4))
