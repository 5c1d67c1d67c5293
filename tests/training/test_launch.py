"""Device and precision are the recipe's."""

import os
import subprocess
import sys

import pytest
import torch

from netwright.training.launch import launch
from netwright.training.recipe import Recipe
from netwright.training.run import Run

TWO = """
import json, sys
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, data
recipe = Recipe(epochs=2, batch=16, augment=(), ema_decay=0.5, device="cpu", save_every=3)

class Cut(Exception): pass

def cut(event):
    if getattr(event, "step", 0) == 8:
        raise Cut

whole = train(SPEC, data(), recipe, out=sys.argv[1] + "/whole")
try:
    train(SPEC, data(), recipe, out=sys.argv[1] + "/cut", listen=cut)
except Cut:
    pass
train(SPEC, data(), recipe, out=sys.argv[1] + "/cut", resume=True)
"""


def test_without_torchrun_it_is_one_process():
    fabric = launch(Recipe(device="cpu"))
    assert (fabric.world_size, fabric.global_rank, fabric.device.type) == (1, 0, "cpu")


@pytest.mark.parametrize(("precision", "kind"), [("bf16-mixed", torch.bfloat16), ("32-true", torch.float32)])
def test_the_precision_reaches_a_matrix_product(precision, kind):
    with launch(Recipe(precision=precision, device="cpu")).autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == kind


def test_two_processes_train_one_network_and_resume_it(tmp_path):
    script = tmp_path / "two.py"
    script.write_text(TWO)
    tests = os.path.dirname(os.path.dirname(__file__))
    paths = os.pathsep.join([tests, os.path.join(os.path.dirname(tests), "src")])
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone"]
    done = subprocess.run(
        [*command, str(script), str(tmp_path / "run")],
        env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    whole, cut = (Run.read(tmp_path / "run" / name) for name in ("whole", "cut"))
    assert whole.finished
    assert cut.finished
    assert [row["step"] for row in whole.epochs] == [5, 10]
    for ours, theirs in zip(whole.epochs, cut.epochs, strict=True):
        for part in ("train", "valid", "test"):
            assert ours[part] == theirs[part]
