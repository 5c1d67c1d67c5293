"""Wrapped networks, and what is done to them afterwards."""

import pytest

from netwright.lint.script import Script
from netwright.lint.wrappers import misuses

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn.parallel import DistributedDataParallel as DDP\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("net = DDP(net)\nnet = nn.DataParallel(net)\n", [("wraps", 5)]),
        ("net = nn.DataParallel(net)\nnet = DDP(net)\n", [("wraps", 5)]),
        ("net = torch.compile(torch.compile(net))\n", [("wraps", 4)]),
        ("net = DDP(net)\nnet = net.to(dtype=torch.half)\n", [("moves", 5)]),
        ("net = DDP(net)\nnet = nn.SyncBatchNorm.convert_sync_batchnorm(net)\n", [("converts", 5)]),
        ("net = DDP(net)\nnet = net.to(d).cuda()\n", [("moves", 5)]),
        ("net = DDP(net)\nnet.to(memory_format=torch.channels_last)\n", []),
        ("first = DDP(net)\nsecond = DDP(net)\n", []),
        ("net = DDP(make())\nx = f(x).cuda()\n", []),
        ("net = DDP(*args)\nnet = torch.compile()\n", []),
        ("nets[0] = DDP(nets[0])\nnets[0].cuda()\n", []),
    ],
)
def test_what_is_done_to_a_wrapped_network(text, what):
    script = Script.parse(HEAD + text)
    assert [(misuse.what, misuse.call.lineno) for misuse in misuses(script)] == what


def test_the_wrapping_is_known_by_its_full_name():
    script = Script.parse(HEAD + "self.net = DDP(self.net)\nself.net.cuda()\n")
    (misuse,) = misuses(script)
    assert misuse.wrapping.name == "torch.nn.parallel.DistributedDataParallel"
    assert misuse.wrapping.target == "self.net"


@pytest.mark.parametrize(
    ("text", "idle"),
    [
        ("net.cuda()\nnet = DDP(net)\nnet.to(rank)\n", True),
        ("net = DDP(net, device_ids=[rank])\nnet.to(rank)\n", True),
        ("net = DDP(net)\nnet.to(rank)\n", False),
        ("net.cuda()\nnet = DDP(net)\nnet.to(torch.float16)\n", False),
        ("net.cuda()\nnet = DDP(net)\nnet.half()\n", False),
    ],
)
def test_a_second_move_to_a_device_is_idle_and_another_type_is_not(text, idle):
    (misuse,) = misuses(Script.parse(HEAD + text))
    assert misuse.idle == idle
