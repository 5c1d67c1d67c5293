"""NW601: units that start the same."""

import pytest
import torch
from torch import nn

from netwright.lint.catalogue import rules
from netwright.lint.fix import applicable, apply
from netwright.lint.run import check, examine
from netwright.lint.script import Script
from programs import findings, program, script

HEAD = "from torch import nn\ndef start(m):\n"


def test_equal_units_really_stay_equal():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    nn.init.constant_(net[0].weight, 0.5)
    nn.init.zeros_(net[0].bias)
    nn.init.constant_(net[2].weight, 0.1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        net(torch.rand(16, 4)).square().mean().backward()
        optimizer.step()
    assert torch.allclose(net[0].weight, net[0].weight[:1].expand_as(net[0].weight))


def test_the_fill_is_deleted_and_its_neighbours_stay():
    bad = program("NW601", "bad")
    text = apply(bad.read_text(), findings(bad, select=["NW601"])).text
    assert "nn.init.constant_(m.weight, 1)" not in text
    kept = "        nn.init.zeros_(m.bias)\n    elif type(m) in (nn.Conv2d, nn.Conv1d):\n        pass"
    assert kept in text


def test_negated_and_foreign_tests_say_nothing():
    fill = ":\n        nn.init.ones_(m.weight)\n"
    assert script(HEAD + "    if not isinstance(m, nn.Linear)" + fill, "NW601") == []
    assert script(HEAD + "    if isinstance(n, nn.Linear)" + fill, "NW601") == []
    assert script(HEAD + "    nn.init.ones_(m.weight)\n", "NW601") == []


def test_equal_rows_are_found_in_the_network_and_zeros_and_depthwise_are_not():
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    nn.init.constant_(net[0].weight, 0.1)
    nn.init.zeros_(net[2].weight)
    assert [finding.module for finding in check(net, (4,), select=["NW601"])] == ["0"]
    depthwise = nn.Conv2d(4, 4, 3, groups=4)
    nn.init.constant_(depthwise.weight, 1 / 9)
    assert check(depthwise, (4, 8, 8), select=["NW601"]) == []


def test_zeros_for_chosen_layers_are_a_trick_and_ones_are_not():
    """timm and torchvision start their classifiers at zero, by name or by a condition beside the type."""
    named = "    if isinstance(m.head, nn.Linear):\n        nn.init.zeros_(m.head.weight)\n"
    both = "    if isinstance(m, nn.Linear) and m.out_features == 10:\n        nn.init.zeros_(m.weight)\n"
    inner = "    if isinstance(m, nn.Linear):\n        if m.last:\n            nn.init.{}_(m.weight)\n"
    assert script(HEAD + named, "NW601") == []
    assert script(HEAD + both, "NW601") == []
    assert script(HEAD + inner.format("zeros"), "NW601") == []
    assert script(HEAD + inner.format("ones"), "NW601") == [5]
    assert script(HEAD + inner.format("zeros").replace("if m.last", "for _ in 'a'"), "NW601") == [5]


@pytest.mark.parametrize(
    ("fill", "value"),
    [
        ("nn.init.ones_(m.weight)", 1),
        ("nn.init.constant_(m.weight, 0.5)", 0.5),
        ("nn.init.constant_(m.weight, val=-1)", -1),
        ("nn.init.zeros_(m.weight)", 0),
    ],
)
def test_the_number_is_told_in_whatever_way_it_is_given(fill, value):
    text = HEAD + f"    if isinstance(m, nn.Linear):\n        {fill}\n"
    [finding] = examine(Script.parse(text), {"NW601": rules()["NW601"]})
    assert finding.evidence["value"] == value
    assert f"starts at {value}," in finding.message


@pytest.mark.parametrize(
    "fill",
    [
        "nn.init.constant_(m.weight, level)",
        "nn.init.ones_(m.bias)",
        "nn.init.ones_(weight)",
        "nn.init.normal_(m.weight, 1)",
    ],
)
def test_what_is_unknown_a_bias_or_drawn_says_nothing(fill):
    assert script(HEAD + f"    if isinstance(m, nn.Linear):\n        {fill}\n", "NW601") == []


def test_a_zero_classifier_learns_and_a_zero_hidden_layer_behind_it_does_not():
    """Why zeros may be chosen for one layer: its gradient is that of its inputs, which differ."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    nn.init.zeros_(net[2].weight)
    nn.functional.cross_entropy(net(torch.rand(16, 4)), torch.randint(0, 3, (16,))).backward()
    rows = net[2].weight.grad
    assert not torch.allclose(rows, rows[:1].expand_as(rows))
    assert (net[0].weight.grad == 0).all()


def mended(body, tmp_path):
    """The body of a function after its safe fixes."""
    file = tmp_path / "a.py"
    file.write_text(HEAD + body)
    reported = findings(file, select=["NW601"])
    return apply(HEAD + body, applicable(reported, unsafe=False)).text.removeprefix(HEAD)


TESTED = "    if isinstance(m, nn.Linear):\n        "


def test_what_shares_the_line_of_the_fill_stays(tmp_path):
    text = TESTED + "nn.init.ones_(m.weight); nn.init.zeros_(m.bias)\n"
    assert mended(text, tmp_path) == text.replace("nn.init.ones_(m.weight)", "pass")
    one = "    if isinstance(m, nn.Linear): nn.init.ones_(m.weight); m.seen = True\n"
    assert mended(one, tmp_path) == one.replace("nn.init.ones_(m.weight)", "pass")


def test_a_fill_that_is_the_start_of_a_draw_is_not_deleted_safely(tmp_path):
    text = TESTED + "nn.init.ones_(m.weight)\n        m.weight.data *= torch.randn_like(m.weight)\n"
    assert mended(text, tmp_path) == text
