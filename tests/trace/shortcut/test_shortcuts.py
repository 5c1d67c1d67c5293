"""Frequent networks are recorded on meta without torch's compiler and symbolic algebra."""

import subprocess
import sys

import torch

from netwright.trace.shortcut import SHORTCUTS

NAMES = ["resnet20", "densenet121", "vit_cifar", "unet", "googlenet", "fractal_resunet", "unet_same"]
SUMMARIES = """
import sys
import netwright as nw

for name, shape in [
    ("resnet20", (3, 32, 32)), ("densenet121", (3, 64, 64)), ("vit_cifar", (3, 32, 32)),
    ("unet", (1, 188, 188)), ("googlenet", (3, 64, 64)),
    ("fractal_resunet", (3, 64, 64)), ("unet_same", (1, 64, 64)),
]:
    nw.summary(nw.load(name), shape)
    print(name, *{"sympy", "torch._dynamo"} & set(sys.modules))
"""


def test_recording_imports_neither_the_compiler_nor_the_symbolic_algebra():
    done = subprocess.run([sys.executable, "-c", SUMMARIES], capture_output=True, text=True, check=True)
    assert done.stdout.split() == NAMES


def test_every_shortcut_stands_for_an_operation_of_torch_itself():
    assert all(func.namespace == "aten" for func in SHORTCUTS)


def test_operations_that_write_into_a_given_tensor_are_never_shortened():
    assert not [func for func in SHORTCUTS if "out" in func._overloadname]
    assert torch.ops.aten.add.out not in SHORTCUTS
