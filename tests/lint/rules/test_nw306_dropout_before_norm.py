"""NW306: dropout before a norm."""

import pytest
import torch
from torch import nn

from fixing import fixed, network, written
from netwright.lint.run import check


def test_the_variance_really_differs_between_the_modes():
    torch.manual_seed(0)
    drop, x = nn.Dropout(0.5), torch.randn(10_000) + 1
    assert drop.train()(x).var() > 2 * drop.eval()(x).var()


def test_directly_and_through_one_layer():
    for layers in ([nn.BatchNorm1d(8)], [nn.Linear(8, 8), nn.BatchNorm1d(8)]):
        assert len(check(nn.Sequential(nn.Dropout(0.3), *layers), (8,), select=["NW306"])) == 1
    far = [nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.BatchNorm1d(8)]
    assert check(nn.Sequential(nn.Dropout(0.3), *far), (8,), select=["NW306"]) == []


@pytest.mark.parametrize("drop", ["nn.Dropout(0.3)", "nn.Dropout(p=0.3)", "nn.Dropout()"])
def test_after_the_fix_both_modes_give_the_norm_the_same(tmp_path, drop):
    layers = f"self.drop = {drop}\nself.fc, self.norm = nn.Linear(8, 8), nn.BatchNorm1d(8)"
    text, outcome = fixed(tmp_path, written(layers, "return self.norm(self.fc(self.drop(x)))"), "NW306", "8")
    assert outcome.findings == ()
    net, x = network(tmp_path, (8,)).net, torch.rand(16, 8)
    assert torch.equal(net.train().drop(x), net.eval().drop(x))
    assert "self.norm(self.fc(self.drop(x)))" in text


@pytest.mark.parametrize(
    "forward",
    [
        "return self.norm(F.dropout(x, 0.3, self.training))",
        "return self.drop(self.norm(self.drop(x)))",
    ],
    ids=["functional", "needed elsewhere"],
)
def test_where_that_cannot_be_written_the_advice_stays(tmp_path, forward):
    before = written("self.drop, self.norm = nn.Dropout(0.3), nn.BatchNorm1d(8)", forward)
    text, outcome = fixed(tmp_path, before, "NW306", "8")
    assert text == before
    assert [finding.fix.kind for finding in outcome.findings] == ["manual"]
