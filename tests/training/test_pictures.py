"""Pictures of predictions: which examples are drawn, and what is written."""

import json
from dataclasses import replace

import pytest
import torch
from PIL import Image
from torch import nn

from netwright.data.catalogue import choose
from netwright.data.examples import Split, moments
from netwright.data.kinds import Kind
from netwright.training import pictures
from netwright.training.job import launch, measured
from netwright.training.loop import Evaluation
from netwright.training.pictures import Picture
from netwright.training.placement import placed
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import Net, cells, data


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """An evaluation in batches of seven, its data, the folder and the pictures that were drawn there."""
    torch.manual_seed(0)
    known = data()
    folder = tmp_path_factory.mktemp("run")
    job = evaluation(Net(), known)
    return job, known, folder, pictures.draw(job, known, folder)


def evaluation(net: nn.Module, known) -> Evaluation:
    fabric = launch("cpu", "32-true")
    recipe = Recipe(batch=7, device="cpu").resolved(known, 1)
    task = choose(known)
    return Evaluation(
        fabric, net, task, placed(fabric, known, recipe, net), measured(task, fabric.device), None
    )


def test_the_worst_and_the_best_are_those_of_a_loop_over_single_examples(drawn):
    job, known, _, shown = drawn
    mean, std = moments(known.train.inputs)
    inputs = (known.test.inputs / 255 - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
    targets = known.test.targets[Kind.CLASS]
    with torch.no_grad():
        outputs = job.net.eval()(inputs)
    losses = nn.functional.cross_entropy(outputs, targets, reduction="none")
    errors = (outputs.argmax(1) != targets).float()
    order = sorted(range(len(targets)), key=lambda k: (errors[k].item(), losses[k].item()))
    expected = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    assert {picture.rank: picture.example for picture in shown} == expected
    assert {picture.rank: picture.value for picture in shown} == {
        rank: errors[example].item() for rank, example in expected.items()
    }


def test_the_pictures_show_the_images_as_they_were_stored(drawn):
    """The inner part of what classification draws is the image itself, enlarged by a whole factor."""
    _, known, folder, shown = drawn
    for each in shown:
        with Image.open(folder / each.file) as file:
            assert min(file.size) >= pictures.SMALL
            factor = file.size[0] // known.test.inputs.shape[-1]
            middle = file.getpixel((file.size[0] // 2, file.size[1] // 2))
        stored = known.test.inputs[each.example]
        pixel = stored[0, file.size[1] // 2 // factor, file.size[0] // 2 // factor].item()
        assert abs(middle[0] - pixel) <= 1


def test_the_list_is_read_back(drawn):
    _, _, folder, shown = drawn
    assert pictures.read(folder) == shown
    assert sorted(path.name for path in (folder / "pictures").iterdir()) == [
        "best.png",
        "index.json",
        "median.png",
        "worst.png",
    ]


@pytest.mark.parametrize("text", ["", "{}", json.dumps([{"rank": "/etc/passwd", "example": 0, "value": 0}])])
def test_a_damaged_list_is_no_list(tmp_path, text):
    assert pictures.read(tmp_path) == []
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "index.json").write_text(text)
    assert pictures.read(tmp_path) == []


def test_images_of_other_than_eight_bits_are_spread_over_the_range_of_the_picture():
    known = replace(data(), range=(0.0, 65535.0))
    image = pictures.visible(torch.randn(1, 8, 8) * 1e-3, known)
    assert (image.min().item(), image.max().item()) == (0, 1)


def test_classification_is_not_worth_a_picture_after_every_training():
    assert not pictures.wanted(choose(data()))
    assert Picture("worst", 3, 0.5).file.as_posix() == "pictures/worst.png"


def test_of_an_example_that_is_evaluated_by_tiles_single_tiles_are_drawn(tmp_path):
    """The test image of 64x64 is evaluated by tiles, because windows of 16x16 are trained on."""
    known = cells(9, 64)
    test = Split(known.test.inputs[:1], {Kind.MASK: known.test.targets[Kind.MASK][:1]})
    recipe = Recipe(batch=1, steps=2, patch=(16, 16), augment=(), device="cpu")
    run = train("unet_same(width=2, depth=1)", replace(known, test=test), recipe, out=tmp_path)
    shown = pictures.read(run.folder)
    assert [picture.name for picture in shown] == ["part of test example 0"] * 3
    values = [picture.value for picture in shown]
    assert values == sorted(values)
    assert values[0] < values[2]


def test_a_small_picture_is_enlarged_and_a_wide_one_is_not(tmp_path):
    for shape, size in (((10, 20), (400, 200)), ((32, 3000), (3000, 32)), ((32, 600), (1800, 96))):
        (tmp_path / "a.png").write_bytes(pictures.png(torch.zeros(3, *shape, dtype=torch.uint8)))
        with Image.open(tmp_path / "a.png") as picture:
            assert picture.size == size
