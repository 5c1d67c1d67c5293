"""NW205: results that nothing uses."""

from torch import nn

from fixing import written
from netwright.lint.network import Network
from netwright.lint.run import check
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


def reported(folder, layers, forward):
    (folder / "net.py").write_text(written(layers, forward))
    findings = check(f"{folder}/net.py:Net", (4, 8, 8), select=["NW205", "NW202"])
    text = (folder / "net.py").read_text().splitlines()
    return [(finding.code, finding.module, text[finding.line - 1].strip()) for finding in findings]


def test_a_block_is_reported_once_where_it_is_called(tmp_path):
    layers = (
        "self.a = nn.Conv2d(4, 4, 1)\nself.blocks = nn.Sequential(nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1))"
    )
    forward = "x = self.a(x)\nself.blocks(x)\nreturn x"
    assert reported(tmp_path, layers, forward) == [("NW205", "blocks", "self.blocks(x)")]


def test_a_norm_whose_result_is_thrown_away_is_reported_at_its_call(tmp_path):
    layers = "self.a, self.norm = nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4)"
    forward = "x = self.a(x)\nself.norm(x)\nreturn x"
    assert reported(tmp_path, layers, forward) == [("NW205", "norm", "self.norm(x)")]


def test_a_norm_that_is_without_weights_costs_nothing():
    class Net(nn.Linear):
        def forward(self, x):
            nn.functional.layer_norm(x, x.shape[1:])
            return super().forward(x)

    assert check(Net(4, 4), (4,), select=["NW205"]) == []
