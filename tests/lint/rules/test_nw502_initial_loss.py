"""NW502: classifiers that start far from chance."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from netwright.lint.run import check
from programs import findings, program


def reported(net, shape=(64,)):
    return check(net, shape, select=["NW502"])


def classifier(deviation, classes=10, width=64):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, classes))
    nn.init.normal_(net[2].weight, std=deviation)
    return net


def test_equal_probabilities_cost_the_logarithm_of_the_number_of_classes():
    for classes in (2, 10, 1000):
        loss = F.cross_entropy(torch.zeros(4, classes), torch.arange(4) % classes)
        assert loss.item() == pytest.approx(math.log(classes), rel=1e-5)


def test_the_loss_is_torch_s_over_labels_drawn_at_random():
    net = classifier(2.0)
    nn.init.zeros_(net[2].bias)
    [finding] = reported(net)
    torch.manual_seed(1)
    x, y = torch.randn(20_000, 64), torch.randint(10, (20_000,))
    assert finding.evidence["loss"] == pytest.approx(F.cross_entropy(net(x), y).item(), rel=0.3)
    assert finding.evidence["chance"] == pytest.approx(math.log(10))


def test_the_finding_names_the_layer_and_both_losses():
    [finding] = findings(program("NW502", "bad"), select=["NW502"])
    assert finding.module == "head"
    assert finding.evidence["loss"] > 20
    assert "over 10 classes; chance gives ln(10) = 2.30" in finding.message


@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_ordinary_initialisations_are_silent(classes):
    for deviation in (0, 0.01, 1 / math.sqrt(64), math.sqrt(2 / 64)):
        assert reported(classifier(deviation, classes)) == []
    assert len(reported(classifier(5.0, classes))) == 1


def test_an_overconfident_start_really_costs_the_first_steps():
    def losses(net):
        torch.manual_seed(2)
        x, y = torch.randn(512, 64), torch.randint(10, (512,))
        steps = torch.optim.SGD(net.parameters(), 0.01)
        for _ in range(10):
            loss = F.cross_entropy(net(x), y)
            steps.zero_grad()
            loss.backward()
            steps.step()
        return loss.item()

    assert losses(classifier(2.0)) > 2 * math.log(10) > losses(classifier(0.01))


@pytest.mark.parametrize(
    "last", [nn.Softmax(1), nn.Unflatten(1, (2, 5)), nn.Tanh()], ids=lambda last: str(last)
)
def test_only_what_a_linear_layer_returns_is_judged(last):
    assert reported(nn.Sequential(*classifier(2.0), last)) == []


def test_a_trained_network_is_not_judged():
    net = nn.Sequential(nn.BatchNorm1d(64), *classifier(2.0))
    assert len(reported(net)) == 1
    net(torch.randn(8, 64))
    assert reported(net) == []


def test_class_frequencies_in_the_bias_are_meant():
    net = classifier(0.01)
    nn.init.normal_(net[2].bias, std=20)
    assert reported(net) == []


def test_a_single_output_is_not_a_classifier():
    assert reported(classifier(5.0, classes=1)) == []


def test_neither_the_network_nor_random_numbers_change():
    net = nn.Sequential(nn.BatchNorm1d(64), *classifier(2.0)).eval()
    before, random = {k: v.clone() for k, v in net.state_dict().items()}, torch.get_rng_state()
    assert reported(net) == reported(net) != []
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())


def test_a_head_before_a_log_softmax_is_judged_as_the_head_itself():
    torch.manual_seed(0)
    head = nn.Linear(64, 10)
    nn.init.normal_(head.weight, std=3)
    [plain] = check(nn.Sequential(head), (64,), select=["NW502"])
    [before] = check(nn.Sequential(head, nn.LogSoftmax(1)), (64,), select=["NW502"])
    assert before.evidence == plain.evidence


def test_a_network_of_words_is_judged_on_tokens_that_are_given():
    torch.manual_seed(0)
    tokens = torch.randint(0, 50, (8, 6))
    net = nn.Sequential(nn.Embedding(50, 32), nn.Flatten(), nn.Linear(6 * 32, 10))
    assert check(net, tokens, select=["NW502"]) == []
    nn.init.normal_(net[2].weight, std=3)
    nn.init.zeros_(net[2].bias)
    [finding] = check(net, tokens, select=["NW502"])
    with torch.no_grad():
        logits = net(tokens)
    loss = torch.stack([nn.functional.cross_entropy(logits, torch.full((8,), k)) for k in range(10)]).mean()
    assert finding.evidence["loss"] == pytest.approx(loss.item(), rel=1e-5)
