"""NW205: results that nothing uses."""

from netwright.lint.network import Network
from programs import findings, program


def test_only_the_end_of_a_dead_chain_is_reported_with_its_cost():
    [finding] = findings(program("NW205", "bad"), select=["NW205"])
    assert finding.module == "tail"
    assert finding.evidence["macs"] == 8 * 8 * 4 * 4


def test_the_layers_of_a_dead_chain_are_not_reported_again_as_unused():
    assert findings(program("NW205", "bad"), select=["NW202"]) == []


def test_the_output_really_does_not_change_without_it():
    import torch

    net = Network.of(f"{program('NW205', 'bad')}:Net", (3, 8, 8)).net
    x = torch.rand(1, 3, 8, 8)
    before = net(x)
    torch.nn.init.zeros_(net.tail.weight)
    assert torch.equal(before, net(x))
