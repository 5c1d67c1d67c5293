"""Products and attention have the shapes and layouts of those on data."""

import pytest
import torch

from netwright.trace.shortcut import SHORTCUTS

aten = torch.ops.aten
A, B = torch.rand(5, 6), torch.rand(6, 7)
Q = torch.rand(2, 3, 8, 4)
FLASH = aten._scaled_dot_product_flash_attention_for_cpu.default


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (aten.addmm.default, (torch.zeros(7), A, B)),
        (aten.addmm.default, (torch.zeros(1), A, B)),
        (aten.mm.default, (A, B)),
        (aten.mm.default, (A, torch.rand(7, 6).t())),
        (aten.bmm.default, (torch.rand(2, 3, 4), torch.rand(2, 4, 5))),
        (aten.bmm.default, (torch.rand(2, 3, 4), torch.rand(2, 5, 4).transpose(1, 2))),
        (aten.embedding.default, (A, torch.tensor([[0, 1], [2, 3]]))),
        (aten.embedding.default, (A, torch.tensor([0], dtype=torch.int32))),
        (FLASH, (Q, Q, Q)),
        (FLASH, (Q, torch.rand(2, 3, 9, 4), torch.rand(2, 3, 9, 4), 0.0, True)),
        (FLASH, (Q.bfloat16(), Q.bfloat16(), Q.bfloat16())),
        (FLASH, tuple(torch.rand(2, 8, 3, 3, 4).permute(2, 0, 3, 1, 4).unbind(0))),
    ],
)
def test_products_and_attention_are_laid_out_as_on_data(func, args, agrees):
    agrees(func, args)


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (aten.addmm.default, (torch.zeros(7), torch.zeros(2, 5), torch.zeros(6, 7))),
        (aten.mm.default, (A, A)),
        (aten.mm.default, (A.long(), B.long())),
        (aten.bmm.default, (torch.rand(2, 3, 4), torch.rand(3, 4, 5))),
        (aten.embedding.default, (A, torch.tensor([0.0]))),
        (aten.embedding.default, (A[0], torch.tensor([0]))),
        (FLASH, (Q, Q.double(), Q)),
        (FLASH, (Q[0], Q[0], Q[0])),
    ],
)
def test_factors_that_do_not_fit_are_left_to_torch(func, args, declines):
    declines(func, args)


@pytest.mark.parametrize(("func", "bias"), [(aten.mm.default, ()), (aten.addmm.default, (torch.zeros(7),))])
def test_factors_of_different_dtypes_are_refused_as_torch_refuses_them_with_data(func, bias):
    message = "to have the same dtype|must have the same dtype"
    with pytest.raises(RuntimeError, match=message):
        SHORTCUTS[func](*(t.to("meta") for t in (*bias, A, B.double())))
    with pytest.raises(RuntimeError, match=message):
        func(*bias, A, B.double())
