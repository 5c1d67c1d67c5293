"""Networks that name a GPU, built where there is none."""

import pytest
import torch
from torch import nn

from netwright.trace import absent
from netwright.trace.absent import AbsentDevices


@pytest.fixture(autouse=True)
def no_accelerator(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available=False: None)


MAKERS = {
    "an argument of a layer": lambda: nn.Linear(3, 4, device="cuda"),
    "an argument of a function": lambda: torch.zeros(3, 4, device=torch.device("cuda", 1)),
    "a method of a module": lambda: nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)).cuda(),
    "a method of a module with a number": lambda: nn.Linear(3, 4).cuda(1),
    "a module moved to a device": lambda: nn.Linear(3, 4).to("cuda:0"),
    "a module moved to a device object": lambda: nn.Linear(3, 4).to(torch.device("cuda")),
    "a method of a tensor": lambda: torch.ones(3).cuda(),
    "a tensor moved": lambda: torch.ones(3).to("cuda"),
    "a tensor moved by name": lambda: torch.ones(3).to(device="cuda", dtype=torch.float64),
    "a new tensor like another": lambda: torch.ones(3).new_zeros(4, device="cuda"),
    "another accelerator": lambda: nn.Linear(3, 4).to("mps"),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_tensors_that_would_go_to_a_missing_device_stay_on_the_cpu(make):
    with AbsentDevices():
        made = make()
    tensors = list(made.state_dict().values()) if isinstance(made, nn.Module) else [made]
    assert {tensor.device.type for tensor in tensors} == {"cpu"}


def test_the_rest_of_a_move_is_done():
    with AbsentDevices():
        net = nn.Linear(3, 4).to("cuda", torch.float64)
        assert torch.ones(2).to("cuda", torch.int64).dtype == torch.int64
    assert net.weight.dtype == torch.float64


def test_a_device_as_a_context_and_as_the_default():
    with AbsentDevices():
        with torch.device("cuda"):
            net = nn.Linear(3, 4)
        torch.set_default_device("cuda")
        try:
            other = nn.Linear(3, 4)
        finally:
            torch.set_default_device(None)
    assert {net.weight.device.type, other.weight.device.type} == {"cpu"}


def test_devices_that_are_there_are_left_alone(monkeypatch: pytest.MonkeyPatch):
    with AbsentDevices():
        assert nn.Linear(3, 4, device="meta").weight.is_meta
        with torch.device("meta"):
            assert nn.Linear(3, 4).weight.is_meta
        assert torch.ones(3).to("cpu").device.type == "cpu"
    present = torch.device("cuda")
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available=False: present)
    assert not absent._absent("cuda")
    assert absent._absent("mps")


def test_the_weights_are_those_of_the_same_network_on_the_cpu():
    torch.manual_seed(0)
    expected = nn.Linear(3, 4).weight
    torch.manual_seed(0)
    with AbsentDevices():
        assert torch.equal(nn.Linear(3, 4, device="cuda").cuda().weight, expected)


FILLS = {
    "a layer": lambda: nn.Conv2d(3, 4, 3),
    "a norm": lambda: nn.BatchNorm2d(4),
    "by position": lambda: nn.init.normal_(torch.empty(3, 4), 0.0, 0.02),
    "by name": lambda: nn.init.constant_(tensor=torch.empty(3, 4), val=2.0),
    "a method": lambda: torch.empty(3, 4).fill_(2.0),
}


@pytest.mark.parametrize("make", FILLS.values(), ids=FILLS)
def test_tensors_are_filled_as_without_it_and_have_the_same_shapes_on_meta(make):
    def tensors() -> list[torch.Tensor]:
        torch.manual_seed(0)
        made = make()
        return list(made.state_dict().values()) if isinstance(made, nn.Module) else [made]

    plain = tensors()
    with AbsentDevices():
        filled = tensors()
        with torch.device("meta"):
            hollow = tensors()
    for one, same, other in zip(plain, filled, hollow, strict=True):
        torch.testing.assert_close(one, same, rtol=0, atol=0)
        assert other.is_meta
        assert (other.shape, other.dtype) == (one.shape, one.dtype)


def test_a_tensor_on_meta_is_not_filled_but_returned():
    with AbsentDevices():
        empty = torch.empty(3, device="meta")
        before = empty._version
        assert nn.init.uniform_(empty) is empty
        assert empty.zero_() is empty
    assert empty._version == before
