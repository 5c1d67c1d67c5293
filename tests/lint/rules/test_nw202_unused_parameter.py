"""NW202: parameters without a gradient."""

import torch
from torch import nn

from netwright.lint.network import Network
from netwright.lint.run import check
from programs import findings, program


def test_it_agrees_with_a_real_backward_pass():
    for kind in ("bad", "good"):
        net = Network.of(f"{program('NW202', kind)}:Net", (8,)).net.train()
        out = net(torch.rand(2, 8))
        sum(part.sum() for part in (out if isinstance(out, tuple) else (out,))).backward()
        lacking = {name for name, p in net.named_parameters() if p.requires_grad and p.grad is None}
        reported = findings(program("NW202", kind), select=["NW202"])
        said = {name for finding in reported for name in finding.evidence["names"]}
        assert said == {name for name in lacking if name != "table"}


def test_the_count_is_exact():
    [finding] = findings(program("NW202", "bad"), select=["NW202"])
    assert (finding.module, finding.evidence["parameters"]) == ("forgotten", 20)
    assert "it is never called" in finding.message


class Blocks(nn.Module):
    """Of three blocks, one is called; a whole encoder is never called."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4)) for _ in range(3)])
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, batch_first=True), 3)

    def forward(self, x):
        return self.blocks[0](x)


def test_the_outermost_module_that_is_never_called_is_named_once():
    net = Blocks()
    reported = check(net, (4,), select=["NW202"])
    assert [finding.module for finding in reported] == ["blocks.1", "blocks.2", "encoder"]
    wasted = sum(parameter.numel() for parameter in net.encoder.parameters())
    assert reported[2].evidence["parameters"] == wasted
    assert set(reported[2].evidence["names"]) == {f"encoder.{n}" for n, _ in net.encoder.named_parameters()}
    assert "it is never called" in reported[2].message


class Recurrent(nn.Module):
    """It asks an empty parameter where it is, so nothing is wasted."""

    def __init__(self, elements):
        super().__init__()
        self.cell = nn.LSTMCell(4, 8)
        self.place = nn.Parameter(torch.empty(elements))

    def forward(self, x):
        return self.cell(x, (torch.zeros(len(x), 8).to(self.place.device),) * 2)[0]


def test_a_parameter_without_elements_is_none():
    assert check(Recurrent(0), (4,), select=["NW202"]) == []
    [finding] = check(Recurrent(1), (4,), select=["NW202"])
    assert finding.evidence["names"] == ["place"]


class Masked(nn.Module):
    """A token that only stands in where a mask is given, and a head whose loss is computed from labels."""

    def __init__(self, **heads):
        super().__init__()
        self.embed, self.token = nn.Linear(4, 8), nn.Parameter(torch.zeros(8))
        self.heads = nn.ModuleDict(heads)

    def forward(self, x, mask=None, labels=None):
        y = self.embed(x)
        for head in self.heads.values():
            head(y)
        return y if mask is None else torch.where(mask, self.token, y)


def test_a_module_that_reaches_an_output_is_not_reported_as_missing_it():
    [finding] = check(nn.Sequential(Masked()), (4,), select=["NW202"])
    assert finding.message == "8 parameters of 0 get no gradient: no output depends on token."


def test_heads_called_auxiliary_are_passed_over():
    named = {name: nn.LayerNorm(8) for name in ("aux_head", "auxiliary", "flaux")}
    reported = check(nn.Sequential(Masked(**named)), (4,), select=["NW202"])
    assert [finding.module for finding in reported] == ["0", "0.heads.flaux"]
    assert "its result reaches no output" in reported[1].message
