"""A network's first step, in numbers."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from netwright.lint import start as module
from netwright.lint.network import Network
from netwright.lint.start import MACS, affordable, drawn, start, untrained
from netwright.trace.inputs import parse_inputs


def digits():
    from sklearn.datasets import load_digits

    reported = load_digits()
    return torch.tensor(reported.images, dtype=torch.float32).flatten(1) / 8 - 1, torch.tensor(
        reported.target
    )


def perceptron():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


@pytest.mark.parametrize(
    "optimizer", [lambda p: torch.optim.SGD(p, 0.05, 0.9), lambda p: torch.optim.Adam(p)]
)
def test_a_network_that_was_trained_no_longer_looks_drawn(optimizer):
    net, (x, y) = perceptron(), digits()
    assert untrained(net)
    steps = optimizer(net.parameters())
    for _ in range(10):
        for batch in torch.randperm(len(x)).split(64):
            steps.zero_grad()
            F.cross_entropy(net(x[batch]), y[batch]).backward()
            steps.step()
    assert not untrained(net)


@pytest.mark.parametrize(
    "fill",
    [
        nn.init.kaiming_uniform_, nn.init.kaiming_normal_, nn.init.xavier_uniform_, nn.init.normal_,
        nn.init.orthogonal_, nn.init.zeros_, nn.init.ones_, lambda w: nn.init.trunc_normal_(w, std=0.02),
        lambda w: nn.init.normal_(w, std=1e-4), lambda w: nn.init.normal_(w).mul_(100),
    ],
)  # fmt: skip
def test_whatever_torch_draws_looks_drawn(fill):
    torch.manual_seed(0)
    with torch.no_grad():
        assert all(drawn(fill(torch.empty(128, 64))) for _ in range(20))


def test_units_of_different_strength_do_not():
    torch.manual_seed(0)
    strong = torch.randn(64, 64) * torch.linspace(0.5, 1.5, 64)[:, None]
    assert not drawn(strong)
    assert not drawn(strong.T)
    assert not drawn(torch.randn(64, 64) ** 3)


def test_a_norm_that_counted_batches_was_trained():
    net = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8))
    assert untrained(net)
    net(torch.randn(4, 8))
    assert not untrained(net)


def test_weights_that_are_not_there_are_not_judged():
    assert not untrained(nn.Linear(8, 8, device="meta"))
    assert not untrained(nn.LazyLinear(8))


def network(net, shape):
    return Network.of(net, shape)


def test_variance_is_that_over_the_examples():
    net = network(nn.Sequential(nn.Linear(256, 512, bias=False), nn.Flatten()), (256,))
    first = start(net).of(start(net).graph.ops[0].outputs[0])
    assert first.values.shape == (8, 512)
    assert first.variance == pytest.approx(first.values.var(0).mean().item())
    assert first.variance == pytest.approx(1 / 3, rel=0.2)


def test_it_runs_once_in_training_mode_and_leaves_the_network_alone():
    module = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8)).eval()
    net = network(module, (8,))
    assert start(net) is start(net)
    assert start(net).graph.training
    assert not module.training
    assert module[1].num_batches_tracked == 0


def test_a_network_that_fails_only_in_training_has_no_start():
    class Odd(nn.Module):
        def forward(self, x):
            return x if not self.training else torch.cat([x, x[:, :1]], 3)

    assert start(network(Odd(), (3, 8))) is None


def test_it_is_run_on_smaller_maps_where_it_would_cost_too_much():
    pooled = nn.Sequential(nn.Conv2d(3, 64, 7), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    net = network(pooled, (3, 512, 512))
    shape, batch = affordable(net)
    assert shape in [(3, 256, 256), (3, 128, 128)]
    cost = sum(op.macs for op in net.recorded(shape, batch).ops)
    assert cost <= MACS
    assert start(net).graph.inputs[0].shape == (batch, *shape)


def test_it_is_not_run_where_smaller_maps_give_something_else_or_it_is_large(monkeypatch):
    assert start(network(nn.Conv2d(3, 64, 7), (3, 512, 512))) is None
    flat = nn.Sequential(nn.Conv2d(3, 64, 7), nn.MaxPool2d(8), nn.Flatten(), nn.Linear(64 * 63 * 63, 2))
    assert start(network(flat, (3, 512, 512))) is None
    assert affordable(network(flat[:3], (3, 40, 12_000))) is None
    for bound in ("PARAMETERS", "OPS"):
        with monkeypatch.context() as patch:
            patch.setattr(module, bound, 0)
            assert start(network(nn.Linear(20, 20), (20,))) is None
    assert start(network(nn.Linear(20, 20), (20,))) is not None


def test_a_deep_check_runs_it_whatever_it_costs(monkeypatch):
    for bound in ("PARAMETERS", "OPS", "MACS"):
        monkeypatch.setattr(module, bound, 0)
    small = nn.Linear(20, 20)
    assert start(network(small, (20,))) is None
    deep = Network.of(small, (20,), deep=True)
    assert affordable(deep) == ((20,), module.BATCH)
    assert start(deep).graph.batch == module.BATCH


def test_the_run_uses_one_thread_and_gives_the_others_back(monkeypatch):
    class Asking(nn.Linear):
        def forward(self, x):
            asked.append(torch.get_num_threads())
            return super().forward(x)

    asked, threads = [], torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert start(network(Asking(20, 20), (20,))) is not None
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    assert asked[-1] == 1


def test_a_network_that_counted_batches_has_no_start():
    net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU())
    before = network(net, (3, 8, 8))
    assert start(before).graph.training
    assert start(before).of(before.graph.outputs[0]).variance > 0
    net.register_buffer("num_batches_tracked", torch.tensor(1))
    assert start(network(net, (3, 8, 8))) is None


def test_a_network_with_integer_inputs_has_no_first_step():
    """All tokens would be the same one, and every activation die."""
    words = nn.Sequential(nn.Embedding(50, 64), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64))
    assert start(Network(words, parse_inputs(["16:int64"]), "net")) is None


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Embedding(50, 16), nn.Linear(16, 4)

    def forward(self, tokens, more=0.0):
        return self.head(self.embed(tokens).mean(1) + more)


TOKENS = torch.arange(12).reshape(3, 4)


@pytest.mark.parametrize("given", [TOKENS, (TOKENS, torch.ones(3, 16)), {"tokens": TOKENS}])
def test_given_tensors_are_taken_as_they_are(given):
    net = network(Words(), given)
    assert affordable(net) == (given, 3)
    head = start(net).of(start(net).graph.outputs[0]).values
    with torch.no_grad():
        more = 1.0 if isinstance(given, tuple) else 0.0
        assert torch.allclose(head, net.net(TOKENS, more))


def test_given_tensors_are_not_run_beyond_the_limit_or_without_values(monkeypatch):
    assert affordable(network(Words(), TOKENS.to("meta"))) is None
    assert affordable(network(Words(), parse_inputs(["4:int64"]))) is None
    assert affordable(network(Words(), (TOKENS, 0.5))) is None
    monkeypatch.setattr(module, "MACS", 3 * 16 * 4 - 1)
    assert affordable(network(Words(), TOKENS)) is None
    assert affordable(Network.of(Words(), TOKENS, deep=True)) == (TOKENS, 3)
    monkeypatch.setattr(module, "MACS", 3 * 16 * 4)
    assert affordable(network(Words(), TOKENS)) is not None


class Windows(nn.Module):
    """Attention over windows of 32x32, to which smaller maps are padded."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 3, padding=1)

    def forward(self, x):
        x = self.conv(x)
        x = F.pad(x, (0, -x.shape[3] % 32, 0, -x.shape[2] % 32))
        b, c, h, w = x.shape
        x = x.reshape(b, c, h // 32, 32, w // 32, 32).permute(0, 2, 4, 3, 5, 1).reshape(-1, 1024, c)
        return F.scaled_dot_product_attention(x, x, x).mean(1).reshape(b, -1, c).mean(1)


def test_attention_over_padded_windows_is_not_taken_to_shrink_with_the_map():
    assert sum(op.macs for op in network(Windows(), (3, 64, 64)).recorded((3, 16, 16), 4).ops) > MACS / 2
    assert affordable(network(Windows(), (3, 64, 64))) is None
    assert affordable(network(Windows(), (3, 32, 32))) == ((3, 32, 32), 4)
