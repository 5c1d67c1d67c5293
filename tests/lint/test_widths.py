"""The number of outputs of a network, and tensors of one dimension."""

import ast

import pytest

from netwright.lint.script import Script
from netwright.lint.widths import flat, makers, width

HEAD = """
import torch
from torch import nn
from torch.nn import functional as F
class Net(nn.Module):
    def __init__(self, hidden=8):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, hidden), nn.ReLU(), nn.Linear(hidden, 3), nn.Softmax(1))
    def forward(self, x):
        x = self.body(x)
        return F.relu(x)
net = Net()
linear = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
"""


def last(text):
    script = Script.parse(HEAD + text)
    return script, script.tree.body[-1].value


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("net(x)", 3),
        ("net.to(device)(x).detach()", None),
        ("linear(x) > 0.5", 1),
        ("torch.sigmoid(nn.Linear(2, 5)(x)).round()", 5),
        ("out = net(x)\nout.softmax(1)", 3),
        ("net(x).squeeze()", None),
        ("net(x).view(-1, 1)", None),
        ("nn.Linear(2, n)(x)", None),
        ("nn.Conv2d(2, 1, 3)(x)", None),
        ("other(x)", None),
    ],
)
def test_the_last_linear_layer_gives_the_width(text, size):
    assert width(*last(text)) == size


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("y = torch.randn(8)\ny", True),
        ("y = torch.randn(8, 1)\ny", False),
        ("y = torch.randn(size)\ny", False),
        ("F.cross_entropy(net(x), y)\ny", True),
        ("F.mse_loss(net(x), y)\ny", False),
        ("f(y.unsqueeze(1))\ny", True),
        ("f(y[:, None])\ny.to(device)", True),
        ("y = y.to(device)\nf(y.float().unsqueeze(-1))\ny", True),
        ("y = y.unsqueeze(1)\nf(y.unsqueeze(1))\ny", False),
        ("F.cross_entropy(net(x), y)\ny.view_as(x)", False),
        ("out = net(x).squeeze()\nf(out, y)\ny", True),
        ("f(y.unsqueeze(1))\ny = g(x)\ny", False),
        ("F.cross_entropy(net(x), y + 1)\ny - 1", True),
        ("F.cross_entropy(net(x), y)\ny + x", False),
    ],
)
def test_one_dimension_follows_from_how_a_tensor_is_made_or_used(text, certain):
    script, node = last(text)
    assert isinstance(node, ast.expr)
    assert flat(script, node) is certain


LOADER = """
from torch.utils.data import DataLoader
from torchvision import datasets
pictures, faces = datasets.CIFAR10("data"), datasets.CelebA("data")
"""


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("loader = DataLoader(pictures, 8)\nfor x, y in loader: ...\ny", True),
        ("for i, (x, y) in enumerate(DataLoader(dataset=pictures)): ...\ny", True),
        ("shown = [y for x, y in DataLoader(pictures)]\ny", True),
        ("for x, y in pictures: ...\ny", False),
        ("for x, y in DataLoader(faces): ...\ny", False),
        ("for x, y in DataLoader(pictures, batch_size=None): ...\ny", False),
        ("for x, y in DataLoader(pictures, collate_fn=own): ...\ny", False),
        ("for x, y in DataLoader(datasets.MNIST('data', target_transform=own)): ...\ny", False),
        ("for x, y in zip(DataLoader(pictures), others): ...\ny", False),
    ],
)
def test_a_loader_of_labelled_images_yields_one_class_each(text, certain):
    script, node = last(LOADER + text)
    assert isinstance(node, ast.expr)
    assert flat(script, node) is certain


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("torch.ones(len(x))", True),
        ("n = x.size(0)\ntorch.ones(n, device='cpu')", True),
        ("torch.zeros(x.shape[0])", True),
        ("torch.zeros(x.size())", False),
        ("torch.zeros(x.shape)", False),
        ("torch.zeros(x.shape[:2])", False),
        ("torch.zeros(x.size(0), 1)", False),
    ],
)
def test_a_tensor_of_one_length_is_flat(text, certain):
    script, node = last("import torch\n" + text)
    assert flat(script, node) is certain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("net(x)", {"Net"}),
        ("torch.sigmoid(net(x)) > 0.5", {"Net"}),
        ("out = net(x).detach()\nout", {"Net"}),
        ("net(x).squeeze(1)", set()),
        ("net(x)[0]", set()),
        ("torch.stack([net(x)])", set()),
        ("other(x)", set()),
    ],
)
def test_the_network_whose_result_keeps_its_shape(text, expected):
    script, node = last("import torch\nnet = Net().to(device)\n" + text)
    assert makers(script, node) == expected
