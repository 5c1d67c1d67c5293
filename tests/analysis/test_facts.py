"""The facts of a network agree with the module and with each other."""

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
    facts = nw.summary(net, (3, 6, 6), batch=2)
    assert facts.params == sum(p.numel() for p in net.parameters()) == 116
    assert facts.trainable == 8
    assert (facts.macs, facts.flops, facts.backward_macs) == (16 * 108, 32 * 108, 0)
    assert facts.saved_bytes == 2 * 4 * 16 * 4 + 2 * 4 * 4
    assert [row.path for row in facts.rows] == ["", "0", "1"]
    assert facts.uncounted == ()
    assert facts.failure is None
    assert facts.receptive_field.text() == facts.sees(facts.tree) == "3 /1 +0"


def test_activations_grow_with_the_batch_and_counts_do_not():
    net = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 2))
    one, many = nw.summary(net, (8,)), nw.summary(net, (8,), batch=16)
    assert (one.macs, one.params) == (many.macs, many.params)
    assert 16 * one.saved_bytes == many.saved_bytes


def test_hidden_parameters_are_left_out_and_mentioned():
    facts = nw.summary(Hidden(), (4,))
    assert facts.params == 15
    assert facts.macs == 12 + 15
    assert "20 more parameters are in modules held by plain lists" in facts.remarks[0]


def test_a_remark_names_an_output_that_is_not_a_batch():
    class Folding(nn.Module):
        def forward(self, x):
            return x.view(-1, 4)

    (remark,) = nw.summary(Folding(), (8, 4)).remarks
    assert remark.startswith("the output is 8x4 for a batch of 1: `view` at ")
    assert "test_facts.py:" in remark
    assert remark.endswith("merged the batch with another axis; use flatten(1), which keeps it")

    class Turning(nn.Module):
        def forward(self, x):
            return x.transpose(0, 1)

    assert nw.summary(Turning(), (8, 4)).remarks[0].endswith("its first axis is not the batch")
    assert nw.summary(nn.Identity(), (8, 4)).remarks == ()
