"""The algebra of maps against dense boolean arrays that numpy gathers, joins and reshapes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import strategies  # noqa: F401  # loads the profile
from networks import claimed
from netwright.receptive.sets import index_map
from netwright.receptive.sets.extent import measure
from netwright.receptive.sets.reach import LARGEST, Reach, concat, flood, nothing, source, union, unknown

SHAPE = (2, 3, 4, 6)


def dense(reach):
    """Units x positions as the shape of the map with the positions last."""
    return claimed(reach).reshape(*reach.shape, reach.length)


def gathered(array, dim, table):
    """What numpy says the outputs read."""
    rows = [
        np.any([array.take(j, dim) for j in row if j >= 0] or [np.zeros_like(array.take(0, dim))], axis=0)
        for row in table.table.tolist()
    ]
    return np.stack(rows, axis=dim)


def moved(kind, reach, array, dim):
    """An operation that moves along an axis, on our sets and on the dense array."""
    size = reach.shape[dim]
    table = {
        "window": index_map.window(size, min(3, size), 1, 1, 1),
        "blank": index_map.padded(size, 1, 2),
        "slice": index_map.strided(size, size // 2, None),
    }[kind]
    return reach.take(dim, table), gathered(array, dim, table)


def laid_out(kind, reach, array, dim):
    """A permutation or reshape, on our sets and on the dense array."""
    size, before, after = reach.shape[dim], reach.shape[:dim], reach.shape[dim + 1 :]
    if kind == "permute":
        order = [dim, *[d for d in range(len(reach.shape)) if d != dim]]
        return reach.permute(order), array.transpose(*order, array.ndim - 1)
    if kind == "merge":
        shape = (*before, size * int(np.prod(after)))
    else:
        shape = (*before, size // 2, 2, *after) if size % 2 == 0 else reach.shape
    return reach.reshape(shape), array.reshape(*shape, -1)


def mixed(kind, reach, array, dim):
    """Reading a whole axis or the part before, on our sets and on the dense array."""
    if kind == "running":
        return reach.running(dim), np.logical_or.accumulate(array, dim)
    size = reach.shape[dim]
    return reach.mix(dim, size), np.repeat(array.any(dim, keepdims=True), size, dim)


def joined(kind, reach, array, dim):
    """A sum or concatenation with the map turned round, on our sets and on the dense array."""
    other, turned = reach.take(dim, index_map.flipped(reach.shape[dim])), np.flip(array, dim)
    if kind == "add":
        return union([reach, other], reach.shape), array | turned
    return concat([reach, other], dim), np.concatenate([array, turned], dim)


def spread(kind, reach, array, dim):
    """Windows kept apart, on our sets and on the dense array."""
    size = reach.shape[dim]
    table = index_map.window(size, min(2, size))
    columns = [gathered(array, dim, index_map.listed(size, tuple(column))) for column in table.columns]
    return reach.spread(dim, table), np.stack(columns, dim + 1)


OPERATIONS = {
    "window": moved, "blank": moved, "slice": moved,
    "permute": laid_out, "merge": laid_out, "split": laid_out,
    "mix": mixed, "running": mixed, "add": joined, "cat": joined, "spread": spread,
}  # fmt: skip
STEP = st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 7))


def apply(kind, reach, array, dim):
    """The operation of that name."""
    return OPERATIONS[kind](kind, reach, array, dim)


@given(st.lists(STEP, min_size=1, max_size=6), st.integers(1, 3))
def test_every_chain_of_operations_is_what_numpy_does_to_the_dense_sets(steps, axis):
    reach = source(SHAPE, axis, support=True)
    array = dense(reach)
    for kind, dim in steps:
        reach, array = apply(kind, reach, array, dim % len(reach.shape))
        if array.size > 1 << 16:
            break
    assert not reach.bound
    assert reach.shape == array.shape[:-1]
    np.testing.assert_array_equal(dense(reach), array)


@given(st.lists(STEP, min_size=1, max_size=5), st.integers(1, 3))
def test_hulls_are_the_ends_of_the_supports(steps, axis):
    pair = [source(SHAPE, axis, support=support) for support in (False, True)]
    for kind, dim in steps:
        pair = [apply(kind, reach, dense_like(reach), dim % len(reach.shape))[0] for reach in pair]
        if np.prod(pair[0].shape) > 1 << 12:
            break
    hull, support = pair
    truth = dense(support)
    dims, lo, hi = hull.spans()
    shape = [hull.shape[d] if d in dims else 1 for d in range(len(hull.shape))]
    lo, hi = (np.broadcast_to(ends.reshape(shape), hull.shape) for ends in (lo, hi))
    seen = truth.any(-1)
    np.testing.assert_array_equal(lo <= hi, seen)
    np.testing.assert_array_equal(lo[seen], truth.argmax(-1)[seen])
    np.testing.assert_array_equal(hi[seen], (truth.shape[-1] - 1 - truth[..., ::-1].argmax(-1))[seen])

    if hull.solid:
        np.testing.assert_array_equal((hi - lo + 1)[seen], truth.sum(-1)[seen])


def test_a_sum_of_maps_is_solid_where_their_fields_touch_unit_by_unit():
    rows, columns = source((1, 8, 3), 1), source((1, 8, 3), 1).take(1, index_map.flipped(8))
    assert rows.solid
    assert not union([rows, columns], rows.shape).solid  # unit 0 reads positions 0 and 7
    near = rows.take(1, index_map.window(8, 3, 1, 1))
    assert union([rows, near], rows.shape).solid
    per_column = concat([near, near.take(1, index_map.flipped(8))], 2)
    assert per_column.solid
    assert union([per_column, concat([rows, rows], 2)], (1, 8, 6)).solid is False
    assert nothing(8, (3,)).solid


def dense_like(reach):
    """Some dense array of the map's shape: only our own side of the operation is wanted."""
    return np.zeros((*reach.shape, 1), dtype=bool)


def test_a_single_position_is_selected_and_its_axis_gone():
    reach = source((1, 2, 5), 2, support=True).select(2, -1)
    assert reach.shape == (1, 2)
    assert np.flatnonzero(dense(reach)[0, 0]).tolist() == [4]


def test_broadcast_adds_axes_in_front_and_repeats_single_positions():
    reach = source((1, 4), 1, support=True).broadcast((3, 2, 4))
    assert reach.shape == (3, 2, 4)
    assert (dense(reach) == np.eye(4, dtype=bool)).all()
    assert measure(source((1, 4), 1).broadcast((3, 1, 4))).text() == "1 /1 +0"


def test_what_reads_nothing_and_what_is_unknown_stay_so():
    table = index_map.window(4, 3)
    assert nothing(9, (4,)).take(0, table).terms == ()
    lost = unknown(9, (1, 4), "svd")
    for reach in (lost.take(1, table), lost.mix(1, 2), lost.reshape((4,)), lost.permute((1, 0))):
        assert reach.unknown == "svd"
    assert union([source((4,), 0), unknown(4, (4,), "svd")], (4,)).unknown == "svd"
    assert concat([source((4,), 0), unknown(4, (4,), "svd")], 0).unknown == "svd"


def test_a_flood_reads_all_that_its_inputs_read_as_a_bound():
    part = source((8,), 0, support=True).take(0, index_map.strided(8, 2, 5))
    result = flood([part], (2, 2))
    assert result.bound
    assert np.flatnonzero(dense(result)[1, 1]).tolist() == [2, 3, 4]


def test_sets_too_large_to_write_out_contain_the_exact_ones_and_say_so():
    wide = (1, LARGEST // 8, 16)
    reach = source(wide, 2).take(1, index_map.padded(wide[1], 1, 0))
    assert reach.bound
    joined = concat([source(wide, 2), source(wide, 2).take(2, index_map.flipped(16))], 1)
    assert joined.bound
    assert measure(joined).text().startswith("≤")
    flat = source(wide, 2).reshape((wide[1] * 16,))
    assert flat.bound
    assert not source(wide, 2).bound


def test_concatenating_the_same_map_costs_nothing():
    reach = source((1, 2, 8), 2)
    assert concat([reach, reach], 1).terms is reach.terms


def test_a_slice_of_channels_that_see_less_than_the_others_is_measured_by_itself():
    near = source((1, 1, 64), 2)
    far = near.take(2, index_map.window(64, 7, 1, 3))
    both = concat([near, far], 1)
    assert measure(both).text() == "7 /1 -3"
    assert measure(both.take(1, index_map.strided(2, 0, 1))).text() == "1 /1 +0"
    assert measure(both.take(1, index_map.strided(2, 1, 2))).text() == "7 /1 -3"


def test_a_token_in_front_shifts_the_sequence():
    patches = source((1, 16), 1).take(1, index_map.window(16, 4, 4))
    tokens = concat([nothing(16, (1, 1)), patches], 1)
    assert measure(tokens).text() == "4 /4 -4"


def test_reaches_are_compared_by_identity():
    assert Reach(1, (1,)) != Reach(1, (1,))
