"""Equal blocks in a row collapse into one group; nothing else does."""

from torch import nn

from netwright.analysis.collapse import collapse
from netwright.analysis.tree import tree
from netwright.trace.record import record


def labels(net, shape, depth=None) -> list[str]:
    return [group.label for group in collapse(tree(record(net, shape)), depth)]


def block(inside=4, outside=4):
    return nn.Sequential(nn.Linear(inside, outside), nn.ReLU())


def test_equal_blocks_collapse_and_their_inside_is_shown_once():
    net = nn.Sequential(block(3), *(block() for _ in range(7)), nn.Linear(4, 2))
    assert labels(net, (3,)) == ["", "0", "0", "1", "1 … 7  ×7", "0", "1", "8"]


def test_blocks_of_other_sizes_do_not_collapse():
    net = nn.Sequential(block(3, 4), block(4, 5), block(5, 4))
    assert labels(net, (3,), 1) == ["", "0", "1", "2"]


def test_the_depth_cuts_the_tree():
    net = nn.Sequential(nn.Sequential(block(), block()), block())
    assert labels(net, (4,), 1) == ["", "0", "1"]
    assert labels(net, (4,), 0) == [""]


def test_shared_blocks_are_one_row_and_never_collapse():
    shared = block()
    net = nn.Sequential(shared, shared, block())
    assert labels(net, (4,), 1) == ["", "0", "2"]


def test_frozen_blocks_do_not_collapse_with_trained_ones():
    net = nn.Sequential(*(block() for _ in range(4)))
    net[1].requires_grad_(False)
    assert labels(net, (4,), 1) == ["", "0", "1", "2 … 3  ×2"]
