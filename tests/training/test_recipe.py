"""A recipe is refused with what is wrong, and survives files."""

from functools import partial

import pytest
import torch

from netwright.errors import RecipeError
from netwright.training.presets import PRESETS
from netwright.training.recipe import EPOCHS, Recipe
from tiny import cells, data


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"momentun": 1}, "no `momentun`; did you mean momentum"),
        ({"lr": -1}, "`lr` (=-1)"),
        ({"lr": float("nan")}, "`lr`"),
        ({"epochs": 1, "steps": 2}, "give one of them"),
        ({"batch": 0}, "`batch` (=0)"),
        ({"batch": "many"}, "`batch` (='many')"),
        ({"warmup_steps": 3}, "does not fit onecycle"),
        ({"momentum": 0.0}, "set nesterov to false"),
        ({"milestones": (0.5, 1.5)}, "shares of the run"),
        ({"schedule": "linear"}, "constant, step, cosine, onecycle, plateau"),
        ({"optimizer": "lion"}, "sgd, adamw, muon"),
        ({"precision": "8-true"}, "`precision`"),
    ],
)
def test_a_wrong_option_is_named_with_its_value(options, said):
    with pytest.raises(RecipeError) as caught:
        Recipe(**options)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_a_length_it_trains_the_standard_number_of_epochs():
    assert (Recipe().epochs, Recipe().steps) == (EPOCHS, None)
    assert (Recipe(steps=7).epochs, Recipe(steps=7).steps) == (None, 7)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_survives_json(name, tmp_path):
    recipe = Recipe.preset(name, seed=3)
    path = tmp_path / "recipe.json"
    path.write_text(recipe.model_dump_json())
    assert Recipe.read(path) == recipe
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_he2015_is_the_paper_s():
    recipe = Recipe.preset("he2015")
    assert recipe.steps == 64_000
    assert [share * 64_000 for share in recipe.milestones] == [32_000, 48_000]
    assert (recipe.lr, recipe.momentum, recipe.weight_decay, recipe.batch) == (0.1, 0.9, 1e-4, 128)
    assert not recipe.nesterov


def test_course_is_the_course_s():
    recipe = Recipe.preset("course")
    assert (recipe.optimizer, recipe.lr, recipe.batch, recipe.schedule) == ("sgd", 0.01, 64, "plateau")


def test_a_new_length_in_epochs_replaces_one_in_steps_and_the_reverse():
    assert Recipe.preset("he2015", epochs=3).steps is None
    assert Recipe(epochs=3).changed(steps=5).epochs is None
    assert Recipe(epochs=3).changed(lr=0.5).epochs == 3


def test_a_toml_file_may_start_from_a_preset(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('preset = "course"\nepochs = 4\naugment = ["crop(padding=2)"]\n')
    read = Recipe.read(path, seed=5)
    assert read == Recipe.preset("course", epochs=4, augment=("crop(padding=2)",), seed=5)


@pytest.mark.parametrize("name", ["name", "self", "cls", "path", "values"])
def test_an_option_named_like_an_argument_of_ours_is_an_unknown_option(tmp_path, name):
    path = tmp_path / "mine.toml"
    path.write_text(f'{name} = "x"\n')
    with pytest.raises(RecipeError, match=f"a recipe has no `{name}`"):
        Recipe.read(path)


@pytest.mark.parametrize("content", ["lr = ", "{", "[1]", "[" * 100_000, None])
def test_an_unreadable_file_is_named(tmp_path, content):
    path = tmp_path / "bad.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(RecipeError, match=r"bad\.json"):
        Recipe.read(path)


def test_an_unknown_preset_lists_the_known():
    with pytest.raises(RecipeError, match="standard, he2015, course"):
        Recipe.preset("he2016")


def test_it_cannot_be_changed_in_place():
    with pytest.raises(ValueError, match="frozen"):
        Recipe().lr = 1.0


def brighter(inputs):
    return inputs.clamp(max=254) + 1


def test_a_file_keeps_the_name_of_what_was_given_from_python():
    recipe = Recipe(augment=("flip", brighter), optimizer=partial(torch.optim.Adam, amsgrad=True))
    stored = recipe.model_dump(mode="json")
    assert stored["augment"] == ["flip", f"python:{__name__}.brighter"]
    assert stored["optimizer"].startswith("python:functools.partial(python:torch.optim.adam.Adam, {'amsgrad'")
    assert recipe.changed(lr=0.5).augment == ("flip", brighter)


@pytest.mark.parametrize("options", [{"augment": ("python:os.system",)}, {"optimizer": "python:os.system"}])
def test_a_name_from_a_file_is_never_called(options):
    recipe = Recipe(**options)
    with pytest.raises(RecipeError, match=r"python:os.system.*give the same object again"):
        recipe.resolved(data())


def test_digits_are_cropped_and_never_mirrored():
    assert Recipe().resolved(data(name="digits")).augment == ("crop(padding=1)",)
    assert Recipe().resolved(data(name="svhn", channels=3)).augment == ("crop(padding=1)",)


def test_photographs_are_mirrored_too():
    assert Recipe().resolved(data(name="cifar10", channels=3)).augment == ("crop(padding=1)", "flip")


def test_large_images_with_maps_are_trained_on_windows_and_small_ones_as_they_are():
    large = Recipe().resolved(cells(8, size=288))
    assert (large.patch, large.batch) == ((256, 256), 8)
    assert Recipe().resolved(cells(8, size=256)).patch is None


def test_small_sets_take_small_batches():
    assert Recipe().resolved(data(80)).batch == 64
    assert Recipe().resolved(data(10_000)).batch == 128


def test_what_was_given_stays():
    recipe = Recipe(batch=8, augment=("flip",), steps=5, patch=None).plain()
    assert recipe.resolved(data()) == recipe


def test_a_batch_that_processes_cannot_share_is_refused():
    with pytest.raises(RecipeError, match="3 processes"):
        Recipe(batch=16).resolved(data(), processes=3)
