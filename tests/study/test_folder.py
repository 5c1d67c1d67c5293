"""The folder of a study: who may write to it, and what extends it."""

import json
from dataclasses import replace

import pytest

from netwright.errors import RunError
from netwright.study import folder
from netwright.study.result import Study
from study.examples import OPTIONS, PLAIN, RESIDUAL, arm, two_by_two


def test_a_new_folder_is_made_and_holds_no_study(tmp_path):
    with folder.claimed(tmp_path / "a" / "b") as known:
        assert known is None
    assert (tmp_path / "a" / "b").is_dir()


def test_a_study_that_was_saved_is_read_again(make):
    study = make()
    with folder.claimed(study.folder):
        folder.save(study)
    with folder.claimed(study.folder) as known:
        assert known == study


def test_a_folder_in_use_is_refused(tmp_path):
    with folder.claimed(tmp_path), pytest.raises(RunError, match="in use"), folder.claimed(tmp_path):
        pass


def test_a_folder_of_something_else_and_a_file_are_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    for path, reason in ((tmp_path, "study"), (tmp_path / "thesis.txt", "is a file")):
        with pytest.raises(RunError, match=reason), folder.claimed(path):
            pass
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_publishing_writes_the_page_the_picture_and_strict_json(make):
    study = make()
    folder.publish(study)
    assert "<!doctype html>" in study.page.read_text()
    assert (study.folder / "curves.png").read_bytes().startswith(b"\x89PNG")
    text = (study.folder / "study.json").read_text()
    assert "NaN" not in text
    assert json.loads(text)["data"]["name"] == "digits"
    assert Study.read(study.folder) == study


def test_a_study_grows_by_designs_and_seeds_and_loses_nothing(make):
    known = make(PLAIN, RESIDUAL)
    joined = folder.joined(known, make(arm("resnet56"), arm("new"), seeds=[2, 3]))
    assert [design.name for design in joined.designs] == ["plain56", "resnet56", "new"]
    assert joined.seeds == [0, 1, 2, 3]
    assert joined.arms == known.arms


def test_a_study_grows_by_recipes(make):
    known = make(PLAIN)
    joined = folder.joined(known, make(PLAIN, recipes={"fast": OPTIONS | {"lr": 0.5}}))
    assert {name: recipe["lr"] for name, recipe in joined.recipes.items()} == {"standard": 0.1, "fast": 0.5}
    assert joined.arms == known.arms


def test_a_recipe_that_is_known_keeps_its_name(make):
    now = folder.renamed(make(), make(recipes={"a": OPTIONS | {"lr": 0.5}, "b": OPTIONS}))
    assert list(now.recipes) == ["a", "standard"]
    assert folder.renamed(None, now) == now


def test_a_known_name_for_another_recipe_is_refused_even_beside_the_known_one(make):
    now = make(recipes={"a": OPTIONS, "standard": OPTIONS | {"lr": 0.5}})
    with pytest.raises(RunError, match=r"`lr` \(=0.5\) was 0.1 in the recipe standard"):
        folder.joined(make(), folder.renamed(make(), now))


def test_a_change_of_versions_is_on_record(make):
    known = make()
    joined = folder.joined(known, replace(known, versions={"netwright": "0.1.0", "torch": "2.14.0"}))
    assert joined.versions == {"netwright": "0.1.0", "torch": "2.13.0, 2.14.0"}
    again = folder.joined(joined, replace(known, versions={"netwright": "0.1.0", "torch": "2.14.0"}))
    assert again.versions["torch"] == "2.13.0, 2.14.0"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"recipes": {"standard": {"lr": 0.5, "epochs": 3}}}, r"`lr` \(=0.5\) was 0.1"),
        (
            {"recipes": {"standard": {"lr": 0.1, "clip_grad_norm": 1.0}}},
            r"`clip_grad_norm` \(=1.0\) was None",
        ),
        ({"recipes": {"standard": {"brand_new": True}}}, r"`brand_new` \(=True\) was None"),
        ({"threads": 2}, r"threads \(=2\) were 1"),
        (
            {"data": {"name": "mnist", "digest": "e", "test": 1}},
            r"the data \(mnist\) differs from what was trained on \(digits\)",
        ),
    ],
)
def test_another_question_is_refused_with_what_differs(make, changes, reason):
    with pytest.raises(RunError, match=reason):
        folder.joined(make(), make(**changes))


@pytest.mark.parametrize(
    ("change", "reason"), [({"spec": "mlp"}, r"\(=mlp\) was plain56"), ({"fingerprint": "1"}, "no longer")]
)
def test_a_design_that_changed_under_its_name_is_refused(make, change, reason):
    known = make()
    now = replace(known, designs=[replace(known.designs[0], **change)])
    with pytest.raises(RunError, match=reason):
        folder.joined(known, now)


def test_joining_recipes_keeps_the_arms_of_both(make):
    parts = two_by_two()
    known = make(**parts)
    assert folder.joined(known, known) == known
