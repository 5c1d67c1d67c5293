"""NW717: wrapping, clipping and scheduling in the wrong order."""

import copy
import warnings

import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from programs import script

HEAD = """import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, MultiStepLR, StepLR
optimizer = torch.optim.SGD(net.parameters(), 0.1)
"""
FIRST = HEAD.count("\n") + 1


def lines(text):
    """The lines of a program, counted from its first one after the imports, at which the rule reports."""
    return [line - FIRST + 1 for line in script(HEAD + text, "NW717")]


@pytest.fixture
def one_process(tmp_path):
    dist.init_process_group("gloo", init_method=f"file://{tmp_path}/rendezvous", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def exchanges(net, x):
    """How often a wrapped network exchanges gradients in one round."""
    buckets = []

    def note(_, bucket):
        buckets.append(bucket.index())
        done = torch.futures.Future()
        done.set_result(bucket.buffer())
        return done

    net.register_comm_hook(None, note)
    net(x).sum().backward()
    return len(buckets)


def test_a_network_that_is_moved_after_it_was_wrapped_exchanges_no_gradients(one_process):
    x = torch.ones(3, 4, dtype=torch.double)
    assert exchanges(DistributedDataParallel(nn.Linear(4, 2).double()), x) == 1
    assert exchanges(DistributedDataParallel(nn.Linear(4, 2)).double(), x) == 0


def test_a_second_wrapper_changes_the_names_in_the_checkpoint(one_process):
    twice = DistributedDataParallel(DistributedDataParallel(nn.Linear(4, 2)))
    assert list(twice.state_dict()) == ["module.module.weight", "module.module.bias"]


def test_a_compiled_network_may_be_moved():
    net = torch.compile(nn.Linear(4, 2), backend="eager").double()
    assert net(torch.ones(3, 4, dtype=torch.double)).dtype == torch.double


def weights_after(*order):
    """The weights after three rounds of these calls."""
    torch.manual_seed(0)
    net = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    does = {
        "clear": optimizer.zero_grad,
        "clip": lambda: nn.utils.clip_grad_norm_(net.parameters(), 0.01),
        "backward": lambda: net(torch.ones(3, 4)).square().sum().backward(),
        "step": optimizer.step,
        "nothing": lambda: None,
    }
    for _ in range(3):
        for name in order:
            does[name]()
    return copy.deepcopy(net.weight.data)


@pytest.mark.parametrize(
    "order",
    [
        ("clear", "backward", "clip", "step"),
        ("clear", "clip", "backward", "step"),
        ("clear", "backward", "step", "clip"),
        ("clip", "clear", "backward", "step"),
        ("backward", "step", "clip", "clear"),
        ("backward", "clip", "step", "clear"),
    ],
)
def test_the_rule_agrees_with_torch_on_which_order_clips(order):
    without = weights_after(*("nothing" if name == "clip" else name for name in order))
    idle = torch.equal(weights_after(*order), without)
    texts = {
        "clear": "optimizer.zero_grad()",
        "clip": "nn.utils.clip_grad_norm_(net.parameters(), 0.01)",
        "backward": "loss(net(x)).backward()",
        "step": "optimizer.step()",
    }
    body = "".join(f"    {texts[name]}\n" for name in order)
    assert lines(f"for x in loader:\n{body}") == ([order.index("clip") + 2] if idle else [])


@pytest.mark.parametrize(
    "body",
    [
        "scaler.scale(l).backward(); scaler.unscale_(optimizer); {clip}; scaler.step(optimizer)",
        "if last: {clip}; optimizer.step(); net.zero_grad()\n    loss(net(x)).backward()",
        "l.backward()\n    if first: optimizer.step()\n    {clip}; optimizer.zero_grad()",
        "l.backward(); optimizer.step(); {clip}; other.step()",
        "{clip}; optimizer.step()",
        "optimizer.zero_grad(); {clip}; engine(net, x); optimizer.step()",
    ],
)
def test_clipping_in_time_or_at_an_uncertain_time_says_nothing(body):
    clip = "nn.utils.clip_grad_norm_(net.parameters(), 1.0)"
    assert lines(f"for x in loader:\n    {body.format(clip=clip)}\n") == []


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("net = DDP(net)\nnet.half()\n", [2]),
        ("net = DDP(net).cuda()\n", [1]),
        ("net = DDP(DDP(net))\n", [1]),
        ("wrapped = DDP(net)\nnet.cuda()\n", [2]),
        ("class T:\n    def f(self):\n        self.net = DDP(self.net)\n        self.net.to(d)\n", [4]),
        ("for i in range(3):\n    net = DDP(net)\n", [2]),
        ("net = DDP(net)\nnet.cpu()\nnet.to('cpu')\nnet.module.cuda()\n", []),
        ("net.cuda()\nnet = DDP(net)\nnet.cuda()\n", []),
        ("net = DDP(net.to(d))\nnet.to(d)\n", []),
        ("net = nn.DataParallel(net)\nnet.cuda()\n", []),
        ("if a:\n    net = DDP(net)\nelse:\n    net.cuda()\n", []),
        ("if a:\n    net = DDP(net)\nif not isinstance(net, DDP):\n    net = DDP(net)\n", []),
        ("def f(net):\n    if a:\n        return DDP(net)\n    net = net.cuda()\n    return DDP(net)\n", []),
        ("net = DDP(net)\nnet = make()\nnet.cuda()\n", []),
        ("net = torch.compile(net)\nnet.cuda()\nnet = DDP(net)\n", []),
        ("for net in nets:\n    net = DDP(net)\n", []),
        ("while True:\n    net = DDP(net)\n    break\n", []),
    ],
)
def test_networks_that_are_moved_or_wrapped_after_wrapping(text, reported):
    assert lines(text) == reported


@pytest.mark.parametrize("early", [True, False])
def test_the_rule_agrees_with_torch_on_which_schedule_is_early(early):
    """PyTorch warns once, and the first step of the optimizer already has the second rate."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    rates = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            for step in (schedule.step, optimizer.step) if early else (optimizer.step, schedule.step):
                rates += [optimizer.param_groups[0]["lr"]] if step == optimizer.step else []
                step()
    assert rates == ([0.5, 0.25] if early else [1.0, 0.5])
    order = ["    schedule.step()\n", "    optimizer.step()\n"]
    text = "schedule = ExponentialLR(optimizer, 0.5)\nfor e in range(2):\n"
    assert bool(lines(text + "".join(order if early else order[::-1]))) == bool(caught) == early


@pytest.mark.parametrize(
    "text",
    [
        "for e in range(3):\n    if e:\n        s.step()\n    optimizer.step()\n",
        "for e in range(3):\n    train(optimizer)\n    s.step()\n    optimizer.step()\n",
        "for e in range(3):\n    s.step(e)\n    optimizer.step()\n",
        "for e in range(start):\n    s.step()\nfor e in range(3):\n    optimizer.step()\n    s.step()\n",
        "optimizer.step()\nfor e in range(3):\n    s.step()\n    optimizer.step()\n",
        "def f(s):\n    for e in range(3):\n        s.step()\n        optimizer.step()\n",
    ],
)
def test_a_schedule_that_is_not_certainly_early_says_nothing(text):
    assert lines("s = StepLR(optimizer, 2)\n" + text) == []


@pytest.mark.parametrize(
    ("schedule", "reported"),
    [
        ("CosineAnnealingLR(optimizer, T_max=a.epochs)", True),
        ("CosineAnnealingLR(optimizer, a.epochs)", True),
        ("MultiStepLR(optimizer, [30, 60])", False),
        ("ExponentialLR(optimizer, 0.95)", True),
        ("ExponentialLR(optimizer, gamma=0.9999)", False),
        ("StepLR(optimizer, 30)", True),
        ("StepLR(optimizer, 30, gamma=0.99)", False),
        ("StepLR(optimizer, 3000)", False),
        ("StepLR(optimizer, size)", False),
        ("CosineAnnealingLR(optimizer, a.epochs * len(loader))", False),
    ],
)
def test_which_schedules_count_epochs(schedule, reported):
    loop = (
        "for e in range(1, a.epochs + 1):\n    for x in loader:\n        optimizer.step()\n        s.step()\n"
    )
    assert lines(f"s = {schedule}\n{loop}") == ([5] if reported else [])


@pytest.mark.parametrize(("epochs", "reported"), [("90", [4]), ("60", [4]), ("30", [])])
def test_milestones_within_the_epochs_count_epochs(epochs, reported):
    loop = f"for e in range({epochs}):\n    for x in loader: optimizer.step(); s.step()\n"
    assert lines(f"s = MultiStepLR(optimizer, [30, 60])\nn = 0\n{loop}") == reported


@pytest.mark.parametrize(
    "body",
    [
        "for x in loader:\n        optimizer.step()\n        if x:\n            s.step()\n",
        "for x in loader:\n        optimizer.step()\n    s.step()\n",
        "for x in range(steps):\n        optimizer.step()\n        s.step()\n",
    ],
)
def test_a_schedule_that_does_not_certainly_count_epochs_says_nothing(body):
    assert lines(f"s = StepLR(optimizer, 30)\nfor e in range(9):\n    {body}") == []
