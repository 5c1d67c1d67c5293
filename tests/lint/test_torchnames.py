"""Which names PyTorch has."""

import pytest
import torch

from netwright.lint.torchnames import listed, missing


def test_what_is_listed_is_there():
    """The list is read from source files, torch is the judge; its stubs declare a few that it lacks."""
    absent = {name for name in listed() if not there(name)}
    assert all(name.count(".") == 1 for name in absent), absent
    assert len(absent) < 0.03 * len(listed())


def there(name: str) -> bool:
    reported = torch
    for part in name.split(".")[1:]:
        if not hasattr(reported, part):
            return False
        reported = getattr(reported, part)
    return True


@pytest.mark.parametrize(
    "name", ["torch.nn.Conv2d", "torch.relu", "torch.float32", "torch.optim.SGD", "torch.nn.functional.relu"]
)
def test_common_names_are_known_without_importing_torch(name):
    assert name in listed()


@pytest.mark.parametrize(
    ("name", "home"),
    [("torch.nn.BatchNorm1D", "torch.nn"), ("torch.optim.lr_scheduler.Nope", "torch.optim.lr_scheduler")],
)
def test_a_missing_name_says_where_it_is_missing(name, home):
    assert missing(name)[0] == home


@pytest.mark.parametrize("name", ["torch.utils.tensorboard", "torch.Tensor.nope", "torch.cuda.is_available"])
def test_submodules_and_attributes_of_classes_are_not_judged(name):
    assert missing(name) is None
