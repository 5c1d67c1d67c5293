"""What holds for every network, shown on a small one of each family."""

import pytest
import torch
from torch import nn

from models.counting import params
from netwright.models.registry import entries
from netwright.spec import load

SMALL = {
    "alexnet": ("alexnet(width=6, hidden=8, size=67, classes=3)", (3, 67, 67)),
    "autoencoder": ("residual_autoencoder(width=2, depth=2, latent=3)", (3, 8, 4)),
    "convnet": ("convnet(size=8, classes=3)", (3, 8, 8)),
    "densenet": ("densenet_bc(depth=10, growth=2, classes=3)", (3, 8, 8)),
    "fractal_resunet": ("fractal_resunet(width=4, depth=1, units=1, classes=3)", (3, 6, 6)),
    "googlenet": ("googlenet(width=8, classes=3)", (3, 32, 32)),
    "hourglass": ("hourglass(stacks=2, width=8, depth=1, classes=3)", (3, 16, 16)),
    "imagenet_resnet": ("resnet18(width=2, classes=3)", (3, 33, 33)),
    "lenet": ("lenet5(size=16, classes=3)", (1, 16, 16)),
    "nin": ("nin(width=6, classes=3)", (3, 8, 8)),
    "preresnet": ("preresnet(depth=11, width=2, classes=3)", (3, 8, 8)),
    "resnet": ("resnet(depth=8, width=2, classes=3)", (3, 8, 8)),
    "series": ("series_resnet(width=2, classes=3)", (1, 12)),
    "unet": ("unet_same(width=2, depth=1, classes=3)", (1, 7, 7)),
    "vgg": ("vgg11(width=2, hidden=4, size=32, classes=3)", (3, 32, 32)),
    "vit": ("vit_cifar(size=8, patch=4, width=6, depth=1, classes=3)", (3, 8, 8)),
    "wide_resnet": ("wide_resnet(depth=10, widen=1, width=2, classes=3)", (3, 8, 8)),
}
every = pytest.mark.parametrize("family", SMALL)


def built(family: str, seed: int = 0) -> tuple[nn.Module, torch.Tensor]:
    torch.manual_seed(seed)
    spec, shape = SMALL[family]
    return load(spec), torch.randn(3, *shape)


def test_every_family_is_here():
    assert set(SMALL) == {entry.family for entry in entries().values()}


@every
def test_in_evaluation_a_batch_gives_what_its_examples_give(family: str):
    net, x = built(family)
    net, x = net.eval().double(), x.double()
    with torch.no_grad():
        single = torch.cat([net(example[None]) for example in x])
        torch.testing.assert_close(net(x), single)


@every
def test_the_same_seed_draws_the_same_weights_and_another_draws_others(family: str):
    states = [built(family, seed)[0].state_dict() for seed in (0, 0, 1)]
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())
    assert any(not torch.equal(value, states[2][name]) for name, value in states[0].items())


@every
def test_weights_saved_from_one_make_another_the_same(family: str):
    (one, x), (other, _) = built(family), built(family, seed=1)
    assert not torch.equal(one.eval()(x), other.eval()(x))
    other.load_state_dict(one.state_dict())
    torch.testing.assert_close(one(x), other(x), rtol=0, atol=0)


@every
def test_no_module_stands_at_two_places(family: str):
    """Sharing is never by accident: what looks like two blocks is two."""
    net, _ = built(family)
    assert len(list(net.named_modules(remove_duplicate=False))) == len(list(net.modules()))


@every
def test_the_meta_network_has_the_shapes_of_the_real_one(family: str):
    net, x = built(family)
    with torch.device("meta"):
        twin = load(SMALL[family][0])
    assert {n: p.shape for n, p in twin.state_dict().items()} == {
        n: p.shape for n, p in net.state_dict().items()
    }
    assert twin.eval()(x.to("meta")).shape == net.eval()(x).shape


@every
def test_one_step_down_the_gradient_lowers_the_loss(family: str):
    net, x = built(family)
    net.eval()

    def loss() -> torch.Tensor:
        return (net(x) - 1).square().mean()

    before = loss()
    before.backward()
    norm = torch.cat([p.grad.flatten() for p in net.parameters()]).norm()
    assert norm > 0
    with torch.no_grad():
        for parameter in net.parameters():
            parameter -= 1e-3 * parameter.grad / norm
        assert loss() < before


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("resnet20", "resnet20(width=32)"),
        ("vgg11", "vgg11(width=96)"),
        ("unet", "unet(width=80)"),
        ("densenet121", "densenet121(growth=40)"),
        ("googlenet", "googlenet(width=96)"),
        ("hourglass1", "hourglass1(width=512)"),
        ("vit_tiny", "vit_tiny(depth=13)"),
        ("encoder", "encoder(latent=2048)"),
        ("series_resnet", "series_resnet(width=80)"),
        ("alexnet", "alexnet(classes=1001)"),
        ("nin", "nin(channels=4)"),
        ("lenet5", "lenet5(size=36)"),
    ],
)
def test_what_a_network_takes_changes_it(narrow: str, wide: str):
    assert params(wide) > params(narrow)


def test_resnets_of_photographs_see_what_is_published():
    """Receptive fields at the last convolution: 435, 427, and 483 with the stride on the first 1x1."""
    from netwright.receptive.fields import fields
    from netwright.trace.record import record

    published = {"resnet18": 435, "resnet50": 427, "resnet50(block='original-bottleneck')": 483}
    for spec, size in published.items():
        with torch.device("meta"):
            graph = record(load(spec), (3, 224, 224), training=False)
        last = [op for op in graph.ops if op.name == "conv2d"][-1]
        assert fields(graph)[last.outputs[0].key].text().split()[0] == str(size)
