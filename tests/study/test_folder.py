"""The folder of a study: whose it is, and what it goes on with."""

import json
from dataclasses import replace

import pytest

from netwright.errors import RunError
from netwright.study import folder
from netwright.study.result import Study
from study.examples import design, three


def test_a_new_folder_is_made_and_holds_no_study(tmp_path):
    with folder.claimed(tmp_path / "a" / "b") as known:
        assert known is None
    assert (tmp_path / "a" / "b").is_dir()


def test_a_study_that_was_saved_is_found_again(make):
    study = make()
    with folder.claimed(study.folder):
        folder.save(study)
    with folder.claimed(study.folder) as known:
        assert known == study


def test_two_at_once_are_refused(tmp_path):
    with folder.claimed(tmp_path), pytest.raises(RunError, match="in use"), folder.claimed(tmp_path):
        pass


def test_a_foreign_folder_and_a_file_are_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    for path, reason in ((tmp_path, "holds no study"), (tmp_path / "thesis.txt", "is a file")):
        with pytest.raises(RunError, match=reason), folder.claimed(path):
            pass
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_publishing_writes_the_page_and_strict_json(make):
    study = make()
    folder.publish(study)
    assert "<!doctype html>" in study.page.read_text()
    assert (study.folder / "curves.png").read_bytes().startswith(b"\x89PNG")
    text = (study.folder / "study.json").read_text()
    assert "NaN" not in text
    assert json.loads(text)["data"]["name"] == "digits"
    assert Study.read(study.folder) == study


def test_more_designs_and_more_seeds_are_welcome(make):
    folder.refuse(make(), make(*three()[:1], design("new", []), seeds=[0, 1, 2, 3, 4]))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"recipe": {"lr": 0.5, "epochs": 3}}, r"`lr` \(=0.5\) was 0.1"),
        ({"recipe": {"lr": 0.1, "clip_grad_norm": 1.0}}, r"`clip_grad_norm` \(=1.0\) was None"),
        ({"recipe": {"brand_new": True}}, r"`brand_new` \(=True\) was None"),
        ({"threads": 2}, r"threads \(=2\) were 1"),
        ({"data": {"name": "mnist", "digest": "e", "test": 1}}, r"the data \(mnist\) is not what digits was"),
    ],
)
def test_another_question_is_refused_with_what_differs(make, changes, reason):
    with pytest.raises(RunError, match=reason):
        folder.refuse(make(), make(**changes))


def test_a_design_that_changed_under_its_name_is_refused(make):
    known = make()
    for change, reason in (({"spec": "mlp"}, r"\(=mlp\) was plain56"), ({"fingerprint": "1"}, "no longer")):
        now = make(replace(known.designs[0], **change))
        with pytest.raises(RunError, match=reason):
            folder.refuse(known, now)
