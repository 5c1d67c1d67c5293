"""Stored values as they are seen."""

import pytest
import torch

from netwright.predict.drawing import visible


@pytest.mark.parametrize("shape", [(1, 4, 4), (3, 4, 5), (1, 2, 3, 4)])
def test_bytes_are_seen_as_they_are_and_other_values_spread(shape):
    values = torch.randint(0, 200, shape)
    torch.testing.assert_close(visible(values.to(torch.uint8)) * 255, values.float())
    seen = visible(values.to(torch.uint16))
    assert (seen.min(), seen.max()) == (0, 1)
    assert torch.equal(visible(torch.zeros(shape)), torch.zeros(shape))
