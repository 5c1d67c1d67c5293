"""Two designs are matched row by row; a block that is inserted changes no other block."""

from torch import nn

from netwright import summary
from netwright.analysis.diff import diff, footer, grid


class Net(nn.Module):
    def __init__(self, width=8, extra=False, bias=True):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1, bias=bias)
        blocks = [nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU()) for _ in range(2)]
        if extra:
            blocks.insert(1, nn.Sequential(nn.Conv2d(width, width, 1), nn.Tanh()))
        self.body = nn.Sequential(*blocks)
        self.head = nn.Linear(width, 4)

    def forward(self, x):
        return self.head(self.body(self.stem(x)).mean((2, 3)))


def compare(one, other):
    return diff(summary(one, (3, 8, 8)), summary(other, (3, 8, 8)))


def changes(comparison):
    return {pair.path: pair.change for pair in comparison.pairs if pair.change != "same"}


def test_equal_designs_differ_in_nothing():
    comparison = compare(Net(), Net())
    assert changes(comparison) == {}
    assert set(comparison.ratios.values()) == {1.0}
    assert grid(comparison)[1] == []
    assert len(grid(comparison, all=True)[1]) == len(comparison.before.rows)


def test_an_added_block_is_added_and_the_others_stay():
    comparison = compare(Net(), Net(extra=True))
    assert changes(comparison) == {"": "changed", "body": "changed", "body.1": "added"}


def test_what_was_removed_is_the_mirror_of_what_was_added():
    comparison = compare(Net(extra=True), Net())
    assert changes(comparison) == {"": "changed", "body": "changed", "body.1": "removed"}


def test_a_wider_design_changes_its_rows_and_the_ratios_are_exact():
    comparison = compare(Net(8), Net(16))
    assert comparison.ratios["macs"] == comparison.after.macs / comparison.before.macs
    assert changes(comparison)["stem"] == changes(comparison)["body.0.0"] == "changed"
    assert "added" not in changes(comparison).values()


def test_a_bias_alone_is_seen():
    comparison = compare(Net(), Net(bias=False))
    assert changes(comparison) == {"": "changed", "stem": "changed"}
    row = next(row for row in grid(comparison)[1] if row[1].strip() == "stem")
    assert row[4] == "224 → 216"


def test_the_footer_has_totals_and_ratios():
    comparison = compare(Net(8), Net(16))
    assert f"{comparison.before.params:,} → {comparison.after.params:,}" in footer(comparison)[0]
    assert footer(comparison)[-1].startswith("rows         0 added, 0 removed")


def test_nothing_over_nothing_has_no_ratio():
    comparison = diff(summary(nn.ReLU(), (3,)), summary(nn.Linear(3, 3), (3,)))
    assert comparison.ratios["params"] is None
    assert comparison.document()["ratios"]["macs"] is None
