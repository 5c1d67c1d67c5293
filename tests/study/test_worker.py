"""The process that trains: lines in, lines out."""

import json
import subprocess
import sys

import pytest

from netwright.study.parcel import pack
from netwright.training.recipe import Recipe

NET = """
import sys
from torch import nn

class Loud(nn.Linear):
    def __init__(self):
        super().__init__(64, 10)
        print("hello from the constructor")

    def forward(self, x):
        print("{}", file=sys.stdout)
        return super().forward(x.flatten(1))
"""


@pytest.fixture
def worker(tiny, tmp_path):
    """A worker that has its settings."""
    pack(tiny, tmp_path / "data")
    recipe = Recipe(device="cpu", epochs=1, batch=16).model_dump(mode="json")
    command = [sys.executable, "-W", "ignore", "-c", "from netwright.study.worker import main; main()"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    process.stdin.write(json.dumps({"data": str(tmp_path / "data"), "recipe": recipe, "threads": 1}) + "\n")
    process.stdin.flush()
    with process:
        yield process
        process.kill()


def test_it_answers_tickets_one_after_another_and_ends_with_its_input(worker, tmp_path):
    """What the user's network prints does not mix with the answers."""
    (tmp_path / "loud.py").write_text(NET)
    answers = []
    for seed, source in enumerate([f"{tmp_path / 'loud.py'}:Loud", f"{tmp_path / 'loud.py'}:Silent"]):
        ticket = {
            "design": "x",
            "seed": seed,
            "source": source,
            "home": str(tmp_path / "out"),
            "folder": f"{seed}",
        }
        worker.stdin.write(json.dumps(ticket) + "\n")
        worker.stdin.flush()
        messages = [json.loads(worker.stdout.readline())]
        while "trial" not in messages[-1]:
            messages.append(json.loads(worker.stdout.readline()))
        answers.append(messages)
    assert answers[0][0] == {"done": 0.0}
    assert answers[0][-1]["trial"]["finished"]
    assert "has no `Silent`" in answers[1][-1]["trial"]["failure"]
    worker.stdin.close()
    assert worker.stdout.read() == ""
    assert "hello from the constructor" in worker.stderr.read()
    assert worker.wait(30) != 0
