"""Two designs are matched row by row; a block put in between moves the others and changes none."""

from torch import nn

from netwright import summary
from netwright.analysis.diff import diff, foot, grid


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


def changes(found):
    return {pair.path: pair.change for pair in found.pairs if pair.change != "same"}


def test_equal_designs_differ_in_nothing():
    found = compare(Net(), Net())
    assert changes(found) == {}
    assert set(found.ratios.values()) == {1.0}
    assert grid(found)[1] == []
    assert len(grid(found, all=True)[1]) == len(found.before.rows)


def test_an_added_block_is_added_and_the_others_stay():
    found = compare(Net(), Net(extra=True))
    assert changes(found) == {"": "changed", "body": "changed", "body.1": "added"}


def test_what_was_removed_is_the_mirror_of_what_was_added():
    found = compare(Net(extra=True), Net())
    assert changes(found) == {"": "changed", "body": "changed", "body.1": "removed"}


def test_a_wider_design_changes_its_rows_and_the_ratios_are_exact():
    found = compare(Net(8), Net(16))
    assert found.ratios["macs"] == found.after.macs / found.before.macs
    assert changes(found)["stem"] == changes(found)["body.0.0"] == "changed"
    assert "added" not in changes(found).values()


def test_a_bias_alone_is_seen():
    found = compare(Net(), Net(bias=False))
    assert changes(found) == {"": "changed", "stem": "changed"}
    row = next(row for row in grid(found)[1] if row[1].strip() == "stem")
    assert row[4] == "224 → 216"


def test_the_foot_tells_totals_and_ratios():
    found = compare(Net(8), Net(16))
    assert f"{found.before.params:,} → {found.after.params:,}" in foot(found)[0]
    assert foot(found)[-1].startswith("rows         0 added, 0 removed")


def test_nothing_over_nothing_has_no_ratio():
    found = diff(summary(nn.ReLU(), (3,)), summary(nn.Linear(3, 3), (3,)))
    assert found.ratios["params"] is None
    assert found.document()["ratios"]["macs"] is None
