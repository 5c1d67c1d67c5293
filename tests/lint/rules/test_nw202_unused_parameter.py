"""NW202: parameters without a gradient."""

import torch

from netwright.lint.network import Network
from programs import findings, program


def test_it_agrees_with_a_real_backward_pass():
    for kind in ("bad", "good"):
        net = Network.of(f"{program('NW202', kind)}:Net", (8,)).net.train()
        out = net(torch.rand(2, 8))
        sum(part.sum() for part in (out if isinstance(out, tuple) else (out,))).backward()
        lacking = {name for name, p in net.named_parameters() if p.requires_grad and p.grad is None}
        found = findings(program("NW202", kind), select=["NW202"])
        said = {name for finding in found for name in finding.evidence["names"]}
        assert said == {name for name in lacking if name != "table"}


def test_the_count_is_exact():
    [finding] = findings(program("NW202", "bad"), select=["NW202"])
    assert (finding.module, finding.evidence["parameters"]) == ("forgotten", 20)
    assert "it is never called" in finding.message
