"""NW105: positions nothing reads."""

import pytest
import torch
from torch import nn

from fixing import fixed, network, written
from netwright.lint.run import check


@pytest.mark.parametrize("layer", [nn.Conv2d(3, 4, 1, stride=2), nn.Conv2d(3, 4, 2, stride=3)])
def test_the_share_is_that_of_zero_gradients(layer):
    x = torch.rand(1, 3, 8, 8, requires_grad=True)
    layer(x).sum().backward()
    zero = (x.grad[0, 0] == 0).float().mean().item()
    [finding] = check(layer, (3, 8, 8), select=["NW105"])
    assert finding.evidence["skipped"] == pytest.approx(zero)


def test_a_returned_map_is_read():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 1, stride=2)

        def forward(self, x):
            y = x.relu()
            return self.conv(y), y

    assert check(Net(), (3, 8, 8), select=["NW105"]) == []


def test_a_sibling_that_normalises_the_same_map_by_itself_reads_it():
    """Dual path networks: each branch begins with a norm of its own."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(3, 4, 3, padding=1)
            self.skip = nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 1, stride=2))
            self.branch = nn.Sequential(nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3, stride=2, padding=1))

        def forward(self, x):
            x = self.stem(x)
            return self.skip(x) + self.branch(x)

    assert check(Net(), (3, 8, 8), select=["NW105"]) == []


def test_padding_and_tokens_on_the_way_do_not_hide_the_reader():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.values = nn.Linear(4, 4)
            self.pool = nn.Conv2d(4, 4, 1, stride=2)

        def forward(self, x):
            tokens = x.flatten(2).transpose(1, 2)
            y = self.values(tokens).transpose(1, 2).reshape(x.shape)
            return self.pool(torch.nn.functional.pad(y, (0, 1, 0, 1))), tokens.mean()

    assert check(Net(), (4, 8, 8), select=["NW105"]) == []


@pytest.mark.parametrize(("parts", "loud"), [(1, True), (2, False)])
def test_keys_may_be_sampled_where_queries_of_the_same_tokens_are_not(parts, loud):
    """Pooled attention (Fan et al. 2021): one projection, the class token taken off, then a stride."""

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.both, self.pool = nn.Linear(8, 8 * parts), nn.Conv2d(4, 4, 1, stride=4)

        def forward(self, x):
            tokens = self.both(x.flatten(2).transpose(1, 2))
            *query, key = tokens.unflatten(-1, (parts, 2, 4)).transpose(1, 3).unbind(2)
            token, key = torch.tensor_split(key, (1,), dim=2)
            key = self.pool(key.transpose(2, 3).reshape(-1, 4, 8, 8).contiguous())
            key = torch.cat((token, key.flatten(2).transpose(1, 2).unflatten(0, (-1, 2))), 2)
            return query[0] @ key.transpose(2, 3) if query else key

    reported = check(Attention(), (8, 5, 13), select=["NW105"])
    assert [finding.module for finding in reported] == ["pool"] * loud


@pytest.mark.parametrize("size", [7, 8, 9])
@pytest.mark.parametrize(
    ("layer", "pooled"),
    [
        ("nn.Conv2d(3, 4, 1, 2)", "nn.Sequential(nn.AvgPool2d(2, ceil_mode=True), nn.Conv2d(3, 4, 1, 1))"),
        ("nn.Conv2d(3, 4, 1, stride=(1, 3))", "nn.Sequential(nn.AvgPool2d((1, 3), ceil_mode=True), "
         "nn.Conv2d(3, 4, 1, stride=1))"),
    ],
)  # fmt: skip
def test_the_fix_averages_first_so_that_every_position_is_read(tmp_path, layer, pooled, size):
    """The size of the output is the same for even and odd maps."""
    text, outcome = fixed(
        tmp_path, written(f"self.skip = {layer}", "return self.skip(x)"), "NW105", f"3x{size}x{size}"
    )
    assert f"self.skip = {pooled}\n" in text
    assert outcome.findings == ()
    net, x = network(tmp_path, (3, size, size)).net, torch.rand(1, 3, size, size, requires_grad=True)
    net(x).sum().backward()
    assert (x.grad != 0).all()
    assert net(x).shape == eval(layer, {"nn": nn})(x).shape  # the layer's text stands above


@pytest.mark.parametrize(
    ("layers", "forward"),
    [
        ("self.skip = nn.Conv2d(3, 4, 1, 2, padding=1)", "return self.skip(x)"),
        ("self.skip = nn.Conv2d(3, 4, 2, 3)", "return self.skip(x)"),
        ("self.skip = nn.ModuleList(nn.Conv2d(3, 3, 1, s) for s in (1, 2))",
         "return self.skip[1](self.skip[0](x))"),
        ("self.weight = nn.Parameter(torch.ones(4, 3, 1, 1))", "return F.conv2d(x, self.weight, stride=2)"),
        ("conv = nn.Conv2d\nself.skip = conv(3, 4, 1, 2)", "return self.skip(x)"),
    ],
    ids=["padded", "no whole number of steps", "built with other strides", "functional", "another name"],
)  # fmt: skip
def test_where_that_cannot_be_written_the_advice_stays(tmp_path, layers, forward):
    before = written(layers, forward)
    text, outcome = fixed(tmp_path, before, "NW105", "3x8x8")
    assert text == before
    assert [finding.fix.kind for finding in outcome.findings] == ["manual"]
    assert "average pooling" in outcome.findings[0].fix.text
