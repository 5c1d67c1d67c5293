"""Batches out of memory."""

import torch
from hypothesis import given as drawn
from hypothesis import strategies as st

from netwright.data.examples import Data
from netwright.data.kinds import Kind
from netwright.training.loader import Loader, batches, order
from netwright.training.units import Units
from tiny import data

CPU = torch.device("cpu")


def same(inputs, targets):
    return inputs, targets


def loader(given: Data | None = None, **options) -> Loader:
    given = given or data()
    formats = [options.pop(name) for name in ("dtype", "memory_format") if name in options]
    units = Units(given, CPU, *(formats or [torch.float32]))
    return Loader(given, same, batch=options.pop("batch", 16), units=units, **options)


def test_training_inputs_have_mean_0_and_deviation_1():
    inputs = torch.cat([x for x, _ in loader(data(channels=3)).train(0, 0)])
    torch.testing.assert_close(inputs.mean((0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(inputs.std((0, 2, 3), correction=0), torch.ones(3), atol=1e-5, rtol=0)


def test_a_channel_that_never_varies_is_not_divided_by_zero():
    given = data()
    flat = Data("flat", given.classes, given.train, given.valid, given.test, (0.5,), (0.0,), "x")
    assert all(x.isfinite().all() for x, _ in loader(flat).train(0, 0))


def test_inputs_stay_with_their_targets():
    given = data()
    for inputs, targets in loader(given).train(seed=1, epoch=2):
        stored = ((inputs * given.std[0] + given.mean[0]) * 255).round()
        bright = stored.mean(3).argmax(2)[:, 0]
        assert torch.equal(bright, targets[Kind.CLASS] % 8)


def test_skipping_goes_on_in_the_same_order():
    whole = [targets[Kind.CLASS] for _, targets in loader().train(0, 1)]
    rest = [targets[Kind.CLASS] for _, targets in loader().train(0, 1, skip=2)]
    assert len(whole) == 5
    assert all(torch.equal(a, b) for a, b in zip(whole[2:], rest, strict=True))


def test_processes_share_every_batch():
    whole = [set(inputs.sum((1, 2, 3)).tolist()) for inputs, _ in loader().train(0, 0)]
    parts = [
        [set(inputs.sum((1, 2, 3)).tolist()) for inputs, _ in loader(share=(rank, 2)).train(0, 0)]
        for rank in (0, 1)
    ]
    assert [a | b for a, b in zip(*parts, strict=True)] == whole
    assert all(len(a) == len(b) == 8 for a, b in zip(*parts, strict=True))


def test_evaluation_meets_every_example_once_over_all_processes():
    given = data()
    for world in (1, 3):
        seen = [
            batch.targets[Kind.CLASS]
            for rank in range(world)
            for batch in loader(given, share=(rank, world)).evaluate("valid")
        ]
        assert sorted(torch.cat(seen).tolist()) == sorted(given.valid.targets[Kind.CLASS].tolist())


def test_augmentation_sees_whole_stored_batches_of_training_alone():
    seen = []

    def augment(inputs, targets):
        seen.append((inputs.dtype, len(inputs)))
        return inputs.flip(3), targets

    given = data()
    mirrored = Loader(given, augment, batch=16, units=Units(given, CPU, torch.float32))
    first, _ = next(mirrored.train(0, 0))
    plain, _ = next(loader(given).train(0, 0))
    assert torch.equal(first, plain.flip(3))
    list(mirrored.evaluate("test"))
    assert seen == [(torch.uint8, 16)]


def test_formats_are_as_asked():
    given = loader(data(channels=3), dtype=torch.bfloat16, memory_format=torch.channels_last)
    inputs, _ = next(given.train(0, 0))
    assert inputs.dtype == torch.bfloat16
    assert inputs.is_contiguous(memory_format=torch.channels_last)


@drawn(st.integers(1, 300), st.integers(1, 70))
def test_no_example_comes_twice_and_every_batch_is_full(count, batch):
    epoch = order(0, 0, count, batch)
    taken = torch.cat(epoch)
    assert len(epoch) == batches(count, batch)
    assert len(set(taken.tolist())) == len(taken)
    assert {len(indices) for indices in epoch} == {min(batch, count)}
    assert count - len(taken) < batch


def test_the_order_depends_on_seed_and_epoch_alone():
    torch.manual_seed(1)
    first = torch.cat(order(3, 2, 50, 10))
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert torch.equal(first, torch.cat(order(3, 2, 50, 10)))
    assert torch.equal(before, torch.get_rng_state())
    assert not torch.equal(first, torch.cat(order(3, 3, 50, 10)))
    assert not torch.equal(first, torch.cat(order(4, 2, 50, 10)))


def test_the_examples_left_out_change_from_epoch_to_epoch():
    taken = [set(torch.cat(order(0, epoch, 19, 10)).tolist()) for epoch in range(8)]
    assert set.union(*taken) == set(range(19))
