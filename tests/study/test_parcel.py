"""Data on its way to a worker."""

from dataclasses import fields

import torch

from netwright.study.parcel import pack, unpack


def test_everything_arrives_as_it_was(tiny, tmp_path):
    pack(tiny, tmp_path / "data.safetensors")
    found = unpack(tmp_path / "data.safetensors")
    for split in ("train", "valid", "test"):
        assert torch.equal(getattr(found, split).inputs, getattr(tiny, split).inputs)
        assert torch.equal(getattr(found, split).targets, getattr(tiny, split).targets)
    rest = [field.name for field in fields(tiny) if field.name not in {"train", "valid", "test"}]
    assert {name: getattr(found, name) for name in rest} == {name: getattr(tiny, name) for name in rest}


def test_views_of_larger_tensors_arrive_too(tiny, tmp_path):
    """Safetensors refuses views that share memory; a part of a set is such a view."""
    part = type(tiny.train)(tiny.train.inputs[::2], tiny.train.targets[::2])
    pack(type(tiny)(**vars(tiny) | {"valid": part}), tmp_path / "part")
    assert torch.equal(unpack(tmp_path / "part").valid.inputs, part.inputs)
