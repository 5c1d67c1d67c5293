"""Solutions as modules."""

import torch
from torch import nn

from netwright.design import autoencoder, encoder
from netwright.design.build import ResidualBlock, build


def test_a_residual_block_adds_its_input():
    block = ResidualBlock(4, 1, kernel_size=3, padding=1).eval()
    for norm in [m for m in block.branch if isinstance(m, nn.BatchNorm1d)]:
        nn.init.zeros_(norm.weight)
    x = torch.rand(2, 4, 9)
    torch.testing.assert_close(block(x), x)


def test_one_chain_is_a_sequence_and_two_are_named():
    solution = encoder((1, 16, 16), (8, 4, 4), layers=2)
    assert isinstance(build(solution.chains)[0], nn.Conv2d)
    both = autoencoder((1, 16, 16), (8, 4, 4), layers=2).build()
    assert [name for name, _ in both.named_children()] == ["encoder", "decoder"]
    x = torch.rand(2, 1, 16, 16)
    torch.testing.assert_close(both.eval()(x), both.decoder(both.encoder(x)))


def test_every_parameter_of_a_built_network_gets_a_gradient():
    net = autoencoder((3, 16, 24), (16, 4, 6), layers=2, residuals=1, groups=2, bottleneck=2).build()
    net(torch.rand(3, 3, 16, 24)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())
