"""NW111: networks that odd sizes break."""

import pytest
import torch
from torch import nn

from fixing import fixed, network, written
from netwright.lint.network import Network
from netwright.lint.run import check
from programs import findings, program


def test_the_shapes_are_those_of_the_real_failure():
    [finding] = findings(program("NW111", "bad"), select=["NW111"])
    assert "on an input of 3x9x9, this cat is given maps of 9x9 and 8x8" in finding.message
    net = Network.of(f"{program('NW111', 'bad')}:Net", (3, 8, 8)).net
    with pytest.raises(RuntimeError, match=r"Expected size 9 but got size 8"):
        net(torch.zeros(1, 3, 9, 9))


def test_a_network_that_resizes_runs_on_odd_sizes():
    net = Network.of(f"{program('NW111', 'good')}:Net", (3, 8, 8)).net
    assert net(torch.zeros(1, 3, 9, 9)).shape == (1, 6, 9, 9)


class Deep(nn.Module):
    """Halved before the first skip, as networks with a strided stem are."""

    def __init__(self, halvings, resize=False):
        super().__init__()
        self.stem = nn.Sequential(*(nn.Conv2d(3, 3, 3, 2, 1) for _ in range(halvings)))
        self.down, self.up = nn.Conv2d(3, 3, 3, 2, 1), nn.ConvTranspose2d(3, 3, 2, 2)
        self.resize = resize

    def forward(self, x):
        skip = self.stem(x)
        y = self.up(self.down(skip))
        return skip + (nn.functional.interpolate(y, size=skip.shape[2:]) if self.resize else y)


@pytest.mark.parametrize("halvings", [0, 1, 2, 3])
def test_a_strided_stem_rounds_up_so_that_one_more_position_fails(halvings):
    [finding] = check(Deep(halvings), (3, 64, 64), select=["NW111"])
    assert finding.evidence["input"] == [3, 65, 65]


@pytest.mark.parametrize("halvings", [1, 2, 3])
def test_sizes_up_to_half_of_the_total_stride_are_tried(halvings):
    """Poolings round down, so that fewer than 2**halvings more positions change nothing."""
    net = Deep(halvings)
    net.stem = nn.MaxPool2d(2**halvings)
    [finding] = check(net, (3, 64, 64), select=["NW111"])
    more = 2**halvings
    assert finding.evidence["input"] == [3, 64 + more, 64 + more]
    with pytest.raises(RuntimeError):
        net(torch.zeros(1, 3, 64 + more, 64 + more))
    assert net(torch.zeros(1, 3, 63 + more, 63 + more)).shape[1] == 3


def test_a_network_that_resizes_is_silent_at_every_size():
    assert check(Deep(3, resize=True), (3, 64, 64), select=["NW111"]) == []


LAYERS = "self.down, self.up = nn.Conv2d(3, 3, 2, 2), nn.ConvTranspose2d(3, 3, 2, 2)"


@pytest.mark.parametrize(
    ("forward", "mended"),
    [
        ("return x + self.up(self.down(x))",
         "return x + F.interpolate(self.up(self.down(x)), size=x.shape[2:])"),
        ("y = self.up(self.down(x)).relu()\nreturn torch.cat((y, x), 1)",
         "return torch.cat((F.interpolate(y, size=x.shape[2:]), x), 1)"),
    ],
)  # fmt: skip
def test_after_the_fix_odd_sizes_run_and_even_ones_give_the_same(tmp_path, forward, mended):
    before = written(LAYERS, forward)
    (tmp_path / "net.py").write_text(before)
    old, x = network(tmp_path, (3, 8, 8)).net, torch.rand(1, 3, 8, 8)
    text, outcome = fixed(tmp_path, before, "NW111", "3x8x8")
    assert f"        {mended}\n" in text
    assert outcome.findings == ()
    new = network(tmp_path, (3, 8, 8)).net
    new.load_state_dict(old.state_dict())
    assert torch.equal(new(x), old(x))
    assert new(torch.rand(1, 3, 9, 9)).shape[2:] == (9, 9)


@pytest.mark.parametrize(
    "forward",
    ["return x.relu() + self.up(self.down(x))", "return x * 2 + self.up(self.down(x)) + 1"],
    ids=["the skip is a call", "two sums begin there"],
)
def test_where_that_cannot_be_written_the_advice_stays(tmp_path, forward):
    before = written(LAYERS, forward)
    text, outcome = fixed(tmp_path, before, "NW111", "3x8x8")
    assert text == before
    assert [finding.fix.kind for finding in outcome.findings] == ["manual"]
