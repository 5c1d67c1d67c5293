"""The families of operations hold what torch says of their members."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netwright.trace import families
from netwright.trace.record import record

NEED = {"threshold": (0.1, 2.0), "prelu": (torch.tensor([0.3]),)}
"""Arguments after the input, where there is no default."""
VIEWS = {
    "T": lambda x: x.T,
    "chunk": lambda x: x.chunk(2)[0],
    "expand": lambda x: x.expand(3, -1, -1),
    "flatten": lambda x: x.flatten(),
    "getitem": lambda x: x[1:],
    "mT": lambda x: x.mT,
    "movedim": lambda x: x.movedim(0, 1),
    "narrow": lambda x: x.narrow(1, 0, 2),
    "permute": lambda x: x.permute(1, 0),
    "reshape": lambda x: x.reshape(-1, 2),
    "select": lambda x: x.select(1, 1),
    "split": lambda x: x.split(2)[0],
    "squeeze": lambda x: x.squeeze(),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "tensor_split": lambda x: x.tensor_split(2)[0],
    "transpose": lambda x: x.transpose(0, 1),
    "unbind": lambda x: x.unbind()[0],
    "unflatten": lambda x: x.unflatten(1, (2, 3)),
    "unsqueeze": lambda x: x.unsqueeze(0),
    "view": lambda x: x.view(-1, 2),
}
PASSING = {
    "contiguous": Tensor.contiguous, "clone": Tensor.clone, "to": lambda x: x.to(torch.float32),
    "alias": torch.ops.aten.alias.default, "identity": nn.Identity(),
}  # fmt: skip


def _recorded(call, *shapes: tuple[int, ...], training: bool = False) -> set[str]:
    """The names under which a call is recorded."""

    class Net(nn.Module):
        def forward(self, *tensors: Tensor):
            return call(*tensors)

    return {op.name for op in record(Net(), list(shapes), training=training).ops}


@pytest.mark.parametrize("name", sorted(families.ACTIVATIONS))
def test_an_activation_changes_each_element_by_itself(name: str):
    x = torch.linspace(-3, 3, 24, requires_grad=True)
    y = getattr(F, name)(x, *NEED.get(name, ()))
    jacobian = torch.stack([torch.autograd.grad(out, x, retain_graph=True)[0] for out in y])
    assert torch.equal(jacobian, jacobian.diag().diag())
    assert jacobian.diag().unique().numel() > 1  # a linear function has one slope


@pytest.mark.parametrize("name", sorted(families.PASSING))
def test_passing_operations_return_their_input_in_evaluation_mode(name: str):
    x = torch.randn(2, 3, *[4] * (int(name[-2]) if name[-1] == "d" and name[-2].isdigit() else 1))
    call = PASSING.get(name) or getattr(F, name)
    y = call(x, training=False) if "dropout" in name else call(x)
    assert torch.equal(x, y)


@pytest.mark.parametrize("name", sorted(families.VIEWS))
def test_views_share_the_memory_of_their_input_and_are_recorded_under_their_name(name: str):
    x = torch.randn(4, 6)
    assert VIEWS[name](x).untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    assert name in _recorded(VIEWS[name], (6,)) or name in {
        "expand",
        "unbind",
        "unflatten",
        "view",
        "reshape",
    }


@pytest.mark.parametrize("name", sorted(families.POINTWISE - {"T", "to", "and", "or", "xor"}))
def test_a_pointwise_operation_is_one_of_torch(name: str):
    homes = (torch, F, Tensor)
    assert any(hasattr(home, written) for home in homes for written in (name, f"{name}_", f"__{name}__"))


@pytest.mark.parametrize(
    ("call", "family"),
    [
        (nn.Conv2d(3, 4, 3), families.CONVOLUTIONS),
        (nn.ConvTranspose2d(3, 4, 3), families.TRANSPOSED),
        (nn.Linear(8, 4), families.WEIGHTED),
        (nn.MaxPool2d(2), families.MAX_POOLS),
        (nn.AvgPool2d(2), families.POOLS),
        (nn.AdaptiveAvgPool2d(2), families.ADAPTIVE_POOLS),
        (nn.BatchNorm2d(3), families.CHANNEL_NORMS),
        (nn.InstanceNorm2d(3), families.CHANNEL_NORMS),
        (nn.GroupNorm(1, 3), families.NORMS),
        (nn.LayerNorm(8), families.NORMS),
        (nn.RMSNorm(8), families.NORMS),
        (nn.Dropout2d(), families.DROPOUTS),
        (nn.AlphaDropout(), families.ALPHA_DROPOUTS),
        (nn.Identity(), frozenset()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_layer_is_recorded_as_one_operation_of_its_family(call: nn.Module, family: frozenset[str]):
    names = {op.name for op in record(call, (3, 8, 8), batch=2, training=True).ops}
    assert names <= family
    assert len(names) == bool(family)


@pytest.mark.parametrize(
    ("call", "family"),
    [
        (lambda x: nn.LSTM(8, 4).to(x.device)(x)[0], families.RECURRENT),
        (lambda x: x @ x.mT, families.PRODUCTS),
        (lambda x: F.scaled_dot_product_attention(x, x, x), families.PRODUCTS),
        (lambda x: torch.hstack([x, x]), families.CONCATENATIONS),
        (lambda x: x - x, families.SUMS),
        (lambda x: torch.maximum(x, x), families.MERGING),
        (lambda x: x.index_add(0, torch.zeros(1, dtype=torch.long, device=x.device), x), families.WRITES),
    ],
)
def test_what_joins_two_tensors_is_recorded_in_its_family(call, family: frozenset[str]):
    assert _recorded(call, (5, 8)) & family
