"""The order of examples is a function of seed and epoch."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from netwright.training.order import batches, order


@given(st.integers(1, 300), st.integers(1, 70))
def test_no_example_comes_twice_and_every_batch_is_full(count, batch):
    epoch = order(0, 0, count, batch)
    taken = torch.cat(epoch)
    assert len(epoch) == batches(count, batch)
    assert len(set(taken.tolist())) == len(taken)
    assert {len(indices) for indices in epoch} == {min(batch, count)}
    assert count - len(taken) < batch


def test_it_depends_on_seed_and_epoch_alone():
    torch.manual_seed(1)
    first = torch.cat(order(3, 2, 50, 10))
    torch.manual_seed(2)
    assert torch.equal(first, torch.cat(order(3, 2, 50, 10)))
    assert not torch.equal(first, torch.cat(order(3, 3, 50, 10)))
    assert not torch.equal(first, torch.cat(order(4, 2, 50, 10)))


def test_it_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    order(0, 0, 50, 10)
    assert torch.equal(before, torch.get_rng_state())


def test_the_examples_left_out_change_from_epoch_to_epoch():
    taken = [set(torch.cat(order(0, epoch, 19, 10)).tolist()) for epoch in range(8)]
    assert set.union(*taken) == set(range(19))
