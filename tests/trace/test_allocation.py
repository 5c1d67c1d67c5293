"""Storages are counted once, from the operation that makes them to the end of their life."""

import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from netwright.trace.allocation import Allocations


def test_what_is_held_counts_once_however_many_views_there_are():
    x = torch.ones(10)
    assert Allocations([x, x[2:], x.view(2, 5)], fake=False).now == 40


def test_a_storage_counts_until_nothing_holds_it():
    with Allocations([], fake=False) as watch:
        x = torch.ones(100)
        assert watch.now == 400
        y = x[:50]
        del x
        assert watch.now == 400
        del y
        assert watch.now == 0
    assert watch.peak == 400


def test_writing_in_place_allocates_nothing():
    x = torch.ones(100)
    with Allocations([x], fake=False) as watch:
        x.add_(1).mul_(2)
    assert (watch.now, watch.peak) == (400, 400)


def test_each_phase_has_its_peak():
    with Allocations([], fake=False) as watch:
        torch.ones(100)
        assert watch.restart() == 400
        kept = torch.ones(10)
        torch.ones(20)
        assert watch.restart() == 120
        assert watch.restart() == kept.nbytes


def test_the_bound_adds_the_copies_of_a_convolution():
    x, weight = torch.ones(4, 16, 32, 32), torch.ones(16, 16, 3, 3)
    with Allocations([x, weight], fake=False) as watch:
        torch.conv2d(x, weight, padding=1)
    assert watch.peak == 2 * x.nbytes + weight.nbytes
    assert watch.bound > watch.peak


def test_a_sparse_tensor_does_not_stop_the_count():
    with Allocations([], fake=False) as watch:
        torch.eye(4).to_sparse()
    assert watch.peak >= 64


def test_the_fused_step_of_an_optimizer_is_left_out_without_data():
    with FakeTensorMode():
        weight = torch.nn.Parameter(torch.ones(8))
        weight.grad = torch.ones(8)
        optimizer = torch.optim.SGD([weight], lr=0.1, fused=True)
        with Allocations([weight, weight.grad], fake=True) as watch:
            optimizer.step()
    assert watch.peak == 64
