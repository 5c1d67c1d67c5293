"""NW601: units that start the same."""

import torch
from torch import nn

from netwright.lint.fix import apply
from netwright.lint.run import check
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
