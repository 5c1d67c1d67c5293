"""What an operation of torch reads along one axis, seen by giving it each unit impulse."""

import numpy as np
import torch

from netwright.receptive.sets.index_map import IndexMap


def impulses(size):
    """Return one example for each unit impulse, so out[b, 0, i] is the weight of position b in output i."""
    return torch.eye(size, dtype=torch.float64)[:, None, :]


def reads(op, size):
    """Return, for each output position, which input positions torch reads."""
    return (op(impulses(size))[:, 0].abs() > 1e-9).T.numpy()


def dense(index_map: IndexMap):
    """Return an index map as output x input booleans."""
    out = np.zeros((index_map.out, index_map.size + 1), dtype=bool)
    np.put_along_axis(out, index_map.table, True, axis=1)
    return out[:, :-1]


def agrees_inside(index_map: IndexMap):
    """Assert that rows which no border cuts are those on the endless axis."""
    assert index_map.periodic is not None
    period = len(index_map.periodic.rows)
    for i in range(index_map.out):
        turns, phase = divmod(i, period)
        endless = {j + turns * index_map.periodic.advance for j in index_map.periodic.rows[phase]}
        if all(0 <= j < index_map.size for j in endless):
            assert {j for j in index_map.table[i].tolist() if j >= 0} == endless
