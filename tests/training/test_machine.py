"""What a training runs on."""

import platform

import pytest
import torch

from netwright.training import machine


def test_without_an_accelerator_the_processor_is_named(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    assert machine.named("auto") == machine.named("cpu") == platform.machine()


@pytest.mark.parametrize(
    ("device", "name"), [("auto", "H100"), ("cuda", "H100"), ("cpu", platform.machine())]
)
def test_a_gpu_is_named_unless_the_processor_was_asked_for(monkeypatch, device, name):
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda: torch.device("cuda"))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "H100")
    assert machine.named(device) == name


def test_the_threads_are_those_that_torch_uses():
    assert machine.machine("cpu") == {"device": platform.machine(), "threads": torch.get_num_threads()}
