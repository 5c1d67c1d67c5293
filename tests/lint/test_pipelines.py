"""Pipelines of transforms, and the data that are held out."""

import ast

import pytest

from netwright.lint import pipelines
from netwright.lint.script import Script

HEAD = """from torchvision import transforms as T
import albumentations as A
augment = [T.RandomCrop(8), T.ColorJitter()]
plain = T.Compose([T.ToTensor(), T.Normalize((0.5, 0.5), (0.1, 0.2))])
"""


def last(text):
    script = Script.parse(HEAD + text)
    return script, script.tree.body[-1].value


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("val_set", (True, False)),
        ("testLoader", (True, False)),
        ("X_test", (True, False)),
        ("validation", (True, False)),
        ("trainset", (False, True)),
        ("train_test_split", (False, True)),
        ("invalid", (False, False)),
        ("value", (False, False)),
        ("latest", (False, False)),
    ],
)
def test_names_of_held_out_and_of_training_data(name, kinds):
    assert (pipelines.held_out(name), pipelines.training(name)) == kinds


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("T.Compose([*augment, T.ToTensor()])", ["RandomCrop", "ColorJitter"]),
        ("T.Compose(augment + [T.RandomErasing()])", ["RandomCrop", "ColorJitter", "RandomErasing"]),
        ("T.RandomApply([T.ColorJitter()], p=0.5)", ["RandomApply", "ColorJitter"]),
        ("Data(train_set, transform=augment)", ["RandomCrop", "ColorJitter"]),
        ("Data(other=augment)", []),
        ("A.Compose([A.VerticalFlip(p=0), A.RandomCrop(8, 8)])", ["RandomCrop"]),
        ("T.RandomHorizontalFlip(1.0)", []),
        ("[T.CenterCrop(8), RandomCrop(8), torch.randn]", []),
    ],
)
def test_the_random_transforms_of_a_pipeline(text, names):
    script, node = last(text)
    transforms = [call.func.attr for call, _ in pipelines.random_transforms(script, node)]
    assert sorted(transforms) == sorted(names)


def test_a_transform_is_reached_by_the_name_that_the_pipeline_says():
    script, node = last("T.Compose([*augment, T.RandomRotation(5)])")
    sources = {
        call.func.attr: ast.unparse(source) for call, source in pipelines.random_transforms(script, node)
    }
    assert sources["RandomCrop"] == "augment"
    assert sources["RandomRotation"] == "T.RandomRotation(5)"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("T.Compose([*augment, plain])", ["RandomCrop", "ColorJitter", "ToTensor", "Normalize"]),
        ("T.Compose([T.ToTensor(), other])", None),
        ("T.Compose(make())", None),
        ("T.ToTensor()", None),
    ],
)
def test_the_parts_of_a_composition_are_all_known_or_none(text, names):
    parts = pipelines.composed(*last(text))
    assert (parts and [part.func.attr for part in parts]) == names


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("T.Normalize((0.5, 0.5), std=[0.1, 0.2])", [(0.5,), (0.1, 0.2)]),
        ("T.Normalize([m], [0.1])", None),
        ("T.Normalize()", None),
    ],
)
def test_the_constants_of_a_normalisation(text, numbers):
    assert pipelines.statistics(*last(text)) == numbers


@pytest.mark.parametrize(
    ("text", "name"),
    [("x.std()", "x"), ("self.x.max(0)", "x"), ("torch.mean(x)", "x"), ("x.sum()", ""), ("x", "")],
)
def test_what_a_statistic_is_taken_of(text, name):
    assert pipelines.owner(ast.parse(text, mode="eval").body) == name
