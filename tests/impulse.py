"""What an operation of torch reads along one axis, seen by feeding it each unit impulse."""

import numpy as np
import torch

from netwright.receptive.sets.index_map import IndexMap


def impulses(size):
    """One example for each unit impulse, so that out[b, 0, i] is the weight of position b in output i."""
    return torch.eye(size, dtype=torch.float64)[:, None, :]


def reads(op, size):
    """For each output position, which input positions torch reads."""
    return (op(impulses(size))[:, 0].abs() > 1e-9).T.numpy()


def dense(table: IndexMap):
    """The table as output x input booleans."""
    out = np.zeros((table.out, table.size + 1), dtype=bool)
    np.put_along_axis(out, table.table, True, axis=1)
    return out[:, :-1]


def agrees_inside(table: IndexMap):
    """Rows that no border cuts are those of the endless pattern."""
    assert table.periodic is not None
    period = len(table.periodic.rows)
    for i in range(table.out):
        turns, phase = divmod(i, period)
        endless = {j + turns * table.periodic.advance for j in table.periodic.rows[phase]}
        if all(0 <= j < table.size for j in endless):
            assert {j for j in table.table[i].tolist() if j >= 0} == endless
