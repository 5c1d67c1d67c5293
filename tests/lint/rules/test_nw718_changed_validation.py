"""NW718: validation data with random transforms or statistics of other data."""

import pytest
import torch

from programs import script

HEAD = """from torch.utils.data import DataLoader, Subset, random_split
from torchvision import datasets, transforms
from sklearn.preprocessing import MinMaxScaler, StandardScaler
import albumentations as A
import numpy as np
flip = transforms.RandomHorizontalFlip()
"""
FIRST = HEAD.count("\n") + 1


def lines(text):
    """The lines of a program, counted from its first one after the head, at which the rule reports."""
    return [line - FIRST + 1 for line in script(HEAD + text, "NW718")]


def test_own_statistics_lose_the_shift_that_the_test_data_have():
    train, test = torch.randn(1000, generator=torch.Generator().manual_seed(0)), torch.full((10,), 5.0)
    test = test + torch.linspace(-1, 1, 10)
    own = (test - test.mean()) / test.std()
    shared = (test - train.mean()) / train.std()
    assert abs(own.mean()) < 1e-5
    assert shared.mean() > 4


def test_a_part_of_a_data_set_has_the_transforms_of_the_whole():
    class Whole(torch.utils.data.Dataset):
        transform = staticmethod(lambda x: -x)

        def __len__(self):
            return 4

        def __getitem__(self, index):
            return self.transform(index)

    _, part = torch.utils.data.random_split(Whole(), [2, 2])
    assert all(value <= 0 for value in part)


@pytest.mark.parametrize(
    "text",
    [
        "val_set = datasets.CIFAR10('d', transform=flip)",
        "testset = datasets.CIFAR10('d', transform=transforms.Compose([flip]))",
        "x = datasets.CIFAR10('d', train=False, transform=flip)",
        "x = datasets.SVHN('d', split='test', transform=flip)",
        "d = {'train': flip, 'valid': transforms.Compose([transforms.ToTensor(), flip])}",
        "f(val_transform=[flip])",
        "valid_tfm = A.Compose([A.HorizontalFlip(), A.Normalize()])",
        "self.test_transform = transforms.Compose([transforms.RandomResizedCrop(224)])",
    ],
)
def test_random_transforms_of_held_out_data_are_found(text):
    assert lines(f"{text}\n") == [1]


@pytest.mark.parametrize(
    "text",
    [
        "train_set = datasets.CIFAR10('d', transform=flip)",
        "trainval_set = datasets.CIFAR10('d', transform=flip)",
        "val_set = datasets.CIFAR10('d', transform=flip if train else None)",
        "val_set = datasets.CIFAR10('d', transform=make())",
        "val_loader = make(train_set, train=True)",
        "test_transform = transforms.RandomHorizontalFlip(p=1)",
        "test_transform = A.Compose([A.CenterCrop(8, 8), A.Normalize()])",
        "invalid = [flip]",
        "import pytest\ntest_transform = flip",
    ],
)
def test_other_data_and_transforms_that_are_not_random_say_nothing(text):
    assert lines(f"{text}\n") == []


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("train, val = random_split(data, [9, 1])\n", [2]),
        ("val_loader = DataLoader(data, sampler=sampler)\n", [2]),
        ("val = Subset(data, range(3))\nval.dataset.transform = None\n", []),
        ("import copy\nval = Subset(copy.deepcopy(data), range(3))\n", []),
        ("train = Subset(data, range(3))\n", []),
        ("val = Subset(make(), range(3))\n", []),
    ],
)
def test_data_that_are_split_off_augmented_data(text, reported):
    assert lines(f"data = datasets.CIFAR10('d', transform=flip)\n{text}") == reported


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("s = MinMaxScaler()\ns.fit(x_train)\ns.fit(x_test)\n", [3]),
        ("a = StandardScaler().fit_transform(x)\nb = StandardScaler().fit_transform(x_test)\n", [2]),
        ("b = StandardScaler().fit_transform(x_test)\n", []),
        ("s = make()\ns.fit(x_train)\ns.fit(x_test)\n", []),
        ("s = MinMaxScaler()\ns.fit(x_train)\ns.transform(x_test)\n", []),
    ],
)
def test_scalers_that_are_fitted_to_held_out_data(text, reported):
    assert lines(text) == reported


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("m = x_train.mean()\nx_val = (x_val - x_val.mean()) / x_val.std()\n", [2]),
        ("m = np.mean(x_train)\nn = np.mean(x_val)\nx_val = (x_val - n) / np.std(x_val)\n", [3]),
        ("m = np.mean(x_train)\nx_val = (x_val - m) / np.std(x_train)\n", []),
        ("x_val = (x_val - x_val.mean()) / x_val.std()\n", []),
        ("m = x_train.mean()\ny = (y - y.mean()) / y.std()\n", []),
    ],
)
def test_held_out_data_that_are_standardised_by_themselves(text, reported):
    assert lines(text) == reported


@pytest.mark.parametrize(
    ("test", "reported"),
    [
        ("transforms.Normalize((0.4,), (0.2,))", True),
        ("transforms.ToTensor()", True),
        ("transforms.Normalize((0.5, 0.5, 0.5), [0.2])", False),
        ("transforms.Normalize(mean, (0.2,))", False),
        ("transforms.Lambda(norm)", False),
        ("other", False),
    ],
)
@pytest.mark.parametrize("form", ["train_tf = {}\ntest_tf = {}\n", "d = {{'train': {},\n    'val': {}}}\n"])
def test_held_out_data_are_normalised_like_the_training_data(test, reported, form):
    pair = [f"transforms.Compose([{step}])" for step in ("transforms.Normalize((0.5,), (0.2,))", test)]
    assert lines(form.format(*pair)) == ([2] if reported else [])


@pytest.mark.parametrize(
    ("loader", "use", "reported"),
    [
        ("DataLoader(d, shuffle=True)", "zip(d.targets, p)", [4]),
        ("DataLoader(d, 4, True)", "f(p, d.samples)", [4]),
        ("DataLoader(d, 4)", "zip(d.targets, p)", []),
        ("DataLoader(d, shuffle=train)", "zip(d.targets, p)", []),
        ("DataLoader(d, shuffle=True)", "zip(other.targets, p)", []),
        ("DataLoader(d, shuffle=True)", "zip(d.targets, q)", []),
        ("DataLoader(d, shuffle=True)", "f(p, d.classes)", []),
    ],
)
def test_results_in_shuffled_order_that_meet_the_data_by_position(loader, use, reported):
    assert lines(f"l = {loader}\nfor x in l:\n    p.append(net(x))\n{use}\n") == reported


def test_a_training_loop_that_shows_an_example_says_nothing():
    loop = "for i, x in enumerate(l):\n    f(net(x)).backward()\n    g(d.imgs[i])\n"
    assert lines(f"l = DataLoader(d, shuffle=True)\n{loop}") == []
