"""A network on other data than that of its training."""

from dataclasses import replace

import pytest

from netwright.errors import RunError
from netwright.training.evaluation import detailed, evaluation, foreign
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, data


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    recipe = Recipe(steps=2, batch=16, augment=())
    return train(SPEC, data(), recipe, out=tmp_path_factory.mktemp("run"))


def test_data_of_the_same_kind_fits_and_other_data_is_refused_by_name(run):
    known = data()
    assert foreign(run, known) == ""
    renamed = replace(known, name="others", classes=tuple("abcdefghij"))
    assert "its classes are a, b, c" in foreign(run, renamed)
    masks = {**run.data, "classes": ["background", "cell"], "values": [0, 255]}
    assert "--classes 0=background,255=cell." in foreign(replace(run, data=masks), known)
    with pytest.raises(RunError, match="others does not fit the run"):
        evaluation(run, renamed, run.load())


def test_details_are_those_of_the_run(run):
    known = data()
    assert detailed(evaluation(run, known, run.load()), "test") == run.details(known)
