"""Fixtures that hold every shortcut to the shapes, dtypes and strides of the real operation."""

import pytest
import torch

from netwright.trace.shortcut import SHORTCUTS


def to_meta(value):
    if isinstance(value, list) and value and isinstance(value[0], torch.Tensor):
        return [to_meta(item) for item in value]
    if not isinstance(value, torch.Tensor):
        return value
    return torch.empty_strided(value.shape, value.stride(), dtype=value.dtype, device="meta")


def described(result):
    """Return shapes, dtypes and the strides of axes longer than one; other strides mean nothing."""
    results = result if isinstance(result, tuple) else (result,)
    return [
        (t.shape, t.dtype, [st for st, size in zip(t.stride(), t.shape, strict=True) if size > 1])
        for t in results
    ]


@pytest.fixture
def agrees():
    """Assert that the shortcut returns what the operation returns on data."""

    def check(func, args):
        short = SHORTCUTS[func](*map(to_meta, args))
        assert short is not NotImplemented
        assert described(short) == described(func(*args))

    return check


@pytest.fixture
def declines():
    """Assert that the shortcut leaves the case to torch."""

    def check(func, args):
        assert SHORTCUTS[func](*map(to_meta, args)) is NotImplemented

    return check
