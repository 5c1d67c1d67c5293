"""The process that trains: lines in, lines out; and the file of data that it reads."""

import json
import subprocess
import sys
from dataclasses import fields, replace

import pytest
import torch

from netwright.data.examples import Split
from netwright.data.extent import extent, map_file
from netwright.data.kinds import Kind
from netwright.study.trial import Key, Ticket
from netwright.study.worker import pack, unpack
from netwright.training.recipe import Recipe
from netwright.training.run import Run

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
    command = [sys.executable, "-W", "ignore", "-m", "netwright.study.worker"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    process.stdin.write(json.dumps({"data": str(tmp_path / "data"), "threads": 1}) + "\n")
    process.stdin.flush()
    with process:
        yield process
        process.kill()


def test_it_trains_ticket_after_ticket_and_saves_when_its_input_ends(worker, tmp_path):
    """What the user's network prints does not mix with the answers; the last training is interrupted."""
    (tmp_path / "loud.py").write_text(NET)

    def send(name: str, epochs: int) -> Ticket:
        recipe = Recipe(device="cpu", epochs=epochs, batch=16, augment=())
        source = f"{tmp_path / 'loud.py'}:{name}"
        ticket = Ticket(Key(name, "standard", 0), recipe, source, tmp_path / "out", f"{name}-{epochs}")
        worker.stdin.write(json.dumps(ticket.to_json()) + "\n")
        worker.stdin.flush()
        return ticket

    def answers(last: str) -> list[dict]:
        messages = [json.loads(worker.stdout.readline())]
        while last not in messages[-1]:
            messages.append(json.loads(worker.stdout.readline()))
        return messages

    send("Loud", 1)
    first, *_, last = answers("trial")
    assert first == {"done": 0.0}
    assert last["trial"]["finished"]
    send("Silent", 1)
    assert "has no `Silent`" in answers("trial")[-1]["trial"]["failure"]
    long = send("Loud", 100_000)
    answers("epoch")
    worker.stdin.close()
    assert all("done" in json.loads(line) for line in worker.stdout.read().splitlines())
    assert "hello from the constructor" in worker.stderr.read()
    worker.wait(30)
    run = Run.read(long.path)
    assert run.epochs
    assert not run.finished


def test_the_data_arrives_as_it_was(tiny, tmp_path):
    pack(tiny, tmp_path / "data.safetensors")
    arrived = unpack(tmp_path / "data.safetensors")
    for split in ("train", "valid", "test"):
        assert torch.equal(getattr(arrived, split).inputs, getattr(tiny, split).inputs)
        assert torch.equal(
            getattr(arrived, split).targets[Kind.CLASS], getattr(tiny, split).targets[Kind.CLASS]
        )
    rest = [field.name for field in fields(tiny) if field.name not in {"train", "valid", "test"}]
    assert {name: getattr(arrived, name) for name in rest} == {name: getattr(tiny, name) for name in rest}


def test_views_of_larger_tensors_arrive_too(tiny, tmp_path):
    """Safetensors refuses views that share memory; a part of a set is such a view."""
    part = type(tiny.train)(tiny.train.inputs[::2], {Kind.CLASS: tiny.train.targets[Kind.CLASS][::2]})
    pack(type(tiny)(**vars(tiny) | {"valid": part}), tmp_path / "part")
    assert torch.equal(unpack(tmp_path / "part").valid.inputs, part.inputs)


def test_ragged_examples_and_memory_maps_arrive_with_their_masks_and_groups(tiny, tmp_path):
    """The maps are opened where they lie: the file that is handed over does not hold their values."""
    volumes = [torch.arange(2 * 64 * n, dtype=torch.int16).reshape(1, 2, 64, n) for n in (64, 96)]
    for number, volume in enumerate(volumes):
        (tmp_path / f"{number}.raw").write_bytes(volume.numpy().tobytes())
    files = [map_file(tmp_path / f"{number}.raw").view(torch.int16) for number in range(2)]
    maps = tuple(file.view(volume.shape) for file, volume in zip(files, volumes, strict=True))
    masks = [tuple((volume[0] > limit).to(torch.uint8) for volume in volumes) for limit in (0, 9, 99)]
    train, valid, test = (Split(maps, {Kind.MASK: stack}, ("a", "b")) for stack in masks)
    facts = {"values": (0, 255), "range": (0.0, 99.0), "layout": "two volumes", "options": {"dims": 3}}
    data = replace(tiny, train=train, valid=valid, test=test, **facts)
    pack(data, tmp_path / "packed")
    assert (tmp_path / "packed").stat().st_size < sum(volume.nbytes for volume in volumes) * 2
    arrived = unpack(tmp_path / "packed")
    assert (arrived.values, arrived.range, arrived.layout, arrived.options) == tuple(facts.values())
    assert not arrived.uniform
    assert arrived.kinds == {Kind.MASK}
    assert arrived.test.groups == ("a", "b")
    for number, volume in enumerate(volumes):
        assert torch.equal(arrived.test.inputs[number], volume)
        assert torch.equal(arrived.test.targets[Kind.MASK][number], masks[2][number])
        assert extent(arrived.test.inputs[number]) == extent(maps[number])
