"""`nw.summary` holds every fact once, and its views agree."""

import json

from torch import nn

import netwright as nw


class Hidden(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 3)
        self.heads = [nn.Linear(3, 5)]

    def forward(self, x):
        return self.heads[0](self.body(x))


def test_the_facts_agree_with_the_module():
    net = nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4))
    net[0].weight.requires_grad_(False)
    found = nw.summary(net, (3, 6, 6), batch=2)
    assert found.params == sum(p.numel() for p in net.parameters()) == 116
    assert found.trainable == 8
    assert (found.macs, found.flops, found.backward_macs) == (16 * 108, 32 * 108, 0)
    assert found.saved_bytes == 2 * 4 * 16 * 4 + 2 * 4 * 4
    assert [row.path for row in found.rows] == ["", "0", "1"]
    assert found.uncounted == ()
    assert found.failure is None
    assert found.receptive_field.text() == found.sees(found.tree) == "3 /1 +0"


def test_activations_grow_with_the_batch_and_counts_do_not():
    net = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 2))
    one, many = nw.summary(net, (8,)), nw.summary(net, (8,), batch=16)
    assert (one.macs, one.params) == (many.macs, many.params)
    assert 16 * one.saved_bytes == many.saved_bytes


def test_hidden_parameters_are_left_out_and_said():
    found = nw.summary(Hidden(), (4,))
    assert found.params == 15
    assert found.macs == 12 + 15
    assert "20 more parameters stand in plain lists" in found.remarks[0]


def test_an_output_that_is_no_batch_is_said():
    class Folding(nn.Module):
        def forward(self, x):
            return x.view(-1, 4)

    (remark,) = nw.summary(Folding(), (8, 4)).remarks
    assert remark.startswith("the output is 8x4 for a batch of 1: `view` at ")
    assert "test_summary.py:" in remark
    assert remark.endswith("`flatten(1)` keeps them apart")

    class Turning(nn.Module):
        def forward(self, x):
            return x.transpose(0, 1)

    assert nw.summary(Turning(), (8, 4)).remarks[0].endswith("is it folded?")
    assert nw.summary(nn.Identity(), (8, 4)).remarks == ()


def test_the_evaluation_mode_can_be_asked_for():
    net = nn.Sequential(nn.Linear(8, 8), nn.Dropout())
    assert nw.summary(net, (8,)).saved_bytes > nw.summary(net, (8,), training=False).saved_bytes


def test_printing_json_and_html_tell_the_same_totals():
    found = nw.summary(nn.Linear(100, 20), (100,))
    assert json.loads(found.to_json())["totals"]["params"] == 2020
    assert all("2,020" in view for view in (str(found), found.to_markdown(), found._repr_html_()))


def test_a_failing_network_still_has_its_facts_and_the_explanation():
    found = nw.summary(nn.Sequential(nn.Linear(4, 3), nn.Linear(4, 2)), (4,))
    assert (found.params, found.macs) == (25, 12)
    assert found.failure.module == "1"
    assert "nn.Linear(3, 2)" in str(found)
