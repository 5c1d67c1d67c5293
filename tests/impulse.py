"""What an operation of torch reads along one axis, seen by feeding it each unit impulse."""

import numpy as np
import torch

from netwright.arithmetic.taps import Taps


def impulses(size):
    """One example for each unit impulse, so that out[b, 0, i] is the weight of position b in output i."""
    return torch.eye(size, dtype=torch.float64)[:, None, :]


def reads(op, size):
    """For each output position, which input positions torch reads."""
    return (op(impulses(size))[:, 0].abs() > 1e-9).T.numpy()


def dense(table: Taps):
    """The table as output x input booleans."""
    out = np.zeros((table.out, table.size + 1), dtype=bool)
    np.put_along_axis(out, table.table, True, axis=1)
    return out[:, :-1]


def agrees_inside(table: Taps):
    """Rows that no border cuts are those of the endless pattern."""
    assert table.pattern is not None
    period = len(table.pattern.rows)
    for i in range(table.out):
        turns, phase = divmod(i, period)
        endless = {j + turns * table.pattern.advance for j in table.pattern.rows[phase]}
        if all(0 <= j < table.size for j in endless):
            assert {j for j in table.table[i].tolist() if j >= 0} == endless
