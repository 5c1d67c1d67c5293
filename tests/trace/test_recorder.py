"""Tensors and storages get keys that stay unique while a run is recorded."""

import torch
from torch import nn

from netwright.trace.recorder import Recorder


def test_views_share_a_storage_and_copies_do_not():
    recorder, x = Recorder({}), torch.zeros(4, 4)
    assert recorder.storage(x) == recorder.storage(x[1:].T) != recorder.storage(x.clone())
    assert recorder.storages[recorder.storage(x)] == 64


def test_dead_tensors_do_not_lend_their_identity():
    recorder = Recorder({})
    keys = {recorder.info(torch.empty(3, device="meta")).key for _ in range(50)}
    assert len(keys) == 50
    assert len(recorder.storages) == 50


def test_a_written_tensor_is_a_new_value_on_the_same_storage():
    recorder, x = Recorder({}), torch.zeros(2)
    before = recorder.info(x)
    after = recorder.info(x, 7, fresh=True)
    assert before.key != after.key
    assert before.storage == after.storage
    assert recorder.info(x) == after
    assert after.producer == 7


def test_calls_are_counted_by_path_and_nested():
    recorder, outer, inner = Recorder({}), nn.Identity(), nn.Identity()
    for _ in range(2):
        recorder.enter("a", outer, ())
        recorder.enter("a.b", inner, ())
        top = recorder.stack[-1]
        recorder.leave(outer, (), None)  # the inner one raised and was caught
    assert (top.path, top.call) == ("a.b", 1)
    assert len(recorder.stack) == 1
    assert recorder.calls == {"a": 2, "a.b": 2}


def test_sparse_tensors_are_measured_by_their_entries():
    recorder = Recorder({})
    sparse = torch.eye(4).to_sparse()
    assert recorder.storages[recorder.storage(sparse)] == 4 * 4
