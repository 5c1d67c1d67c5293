"""NW103: kernels of 1 that are padded."""

import torch
from torch import nn

from fixing import fixed, written
from netwright.lint.run import check
from programs import findings, program


def test_the_border_really_is_the_bias():
    layer = nn.Conv2d(3, 4, 1, padding=1)
    border = layer(torch.rand(2, 3, 5, 5))[..., 0]
    assert torch.equal(border, layer.bias[None, :, None].expand_as(border))


def test_the_fix_takes_the_padding_from_axes_with_kernel_1_only():
    fixes = [finding.fix.text for finding in findings(program("NW103", "bad"), select=["NW103"])]
    assert fixes == ["nn.Conv2d(3, 4, 1, padding=0)", "nn.Conv2d(4, 4, (1, 3), padding=(0, 1))"]


def test_arguments_that_are_unpacked_leave_advice_where_the_padding_may_be_among_them(tmp_path):
    build = "more = {'bias': False}; self.a = nn.Conv2d(3, 4, kernel_size=1, **more, padding=1)"
    text, _ = fixed(tmp_path, written(build, "return self.a(x).mean((2, 3))"), "NW103", "3x8x8")
    assert "**more, padding=0)" in text
    build = "more = {'padding': 1}; self.a = nn.Conv2d(3, 4, 1, **more)"
    text, outcome = fixed(tmp_path, written(build, "return self.a(x).mean((2, 3))"), "NW103", "3x8x8")
    assert [finding.fix.kind for finding in outcome.findings] == ["manual"]
    assert build in text


def test_one_and_three_dimensions_are_seen():
    net = nn.Sequential(nn.Conv1d(3, 4, 1, padding=2))
    assert [finding.module for finding in check(net, (3, 8), select=["NW103"])] == ["0"]
    net = nn.Sequential(nn.Conv3d(3, 4, 1, padding=1))
    assert [finding.evidence["padding"] for finding in check(net, (3, 4, 4, 4))] == [[1, 1, 1]]
