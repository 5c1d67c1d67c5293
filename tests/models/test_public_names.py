"""The names that `netwright.models` offers."""

import subprocess
import sys

import pytest

import netwright.models

NAMES = [
    *["Entry", "entries", "alexnet", "Autoencoder", "autoencoder", "decoder", "encoder", "convnet", "mlp"],
    *["densenet", "densenet_bc", "fractal_resunet", "googlenet", "hourglass", "imagenet_resnet", "lenet5"],
    *["nin", "preresnet", "preresnet200", "plain", "resnet", "series_resnet", "UNet", "unet", "unet3d"],
    *["unet_same", "vgg", "ViT", "vit", "wide_resnet"],
]


def test_the_public_names_are_these():
    assert netwright.models.__all__ == NAMES
    assert dir(netwright.models) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_is_there_whatever_was_imported_before(name: str):
    """A module of the same name would take its place after its first import."""
    netwright.models.entries()
    assert callable(getattr(netwright.models, name))


def test_every_function_that_a_name_builds_with_is_public():
    built = {entry.build.__name__ for entry in netwright.models.entries().values()}
    assert built <= set(NAMES)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(AttributeError, match="no attribute 'resnot'; it has Entry, entries, alexnet"):
        _ = netwright.models.resnot


def test_torch_is_not_imported_before_a_name_is_used():
    check = "import netwright.models, netwright.blocks, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
