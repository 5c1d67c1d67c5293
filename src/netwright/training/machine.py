"""What a training runs on, in words."""

import platform

import torch


def accelerated(device: str) -> bool:
    """Return whether `device` (`auto`, `cpu`, `cuda` or `mps`) is a GPU or another accelerator."""
    return device != "cpu" and torch.accelerator.is_available()


def named(device: str) -> str:
    """Return the name of the device that trains: that of the GPU, or the kind of the processor."""
    if not accelerated(device):
        return platform.machine()
    kind = torch.accelerator.current_accelerator()
    return torch.cuda.get_device_name() if kind is not None and kind.type == "cuda" else str(kind)


def machine(device: str) -> dict[str, str | int]:
    """Return what a run keeps of the machine that it started on: the device and the threads of the CPU."""
    return {"device": named(device), "threads": torch.get_num_threads()}
