"""Which request may go on with which run."""

import pytest

from netwright.data.tasks.classification import Classification
from netwright.errors import RunError
from netwright.training.folder import Folder
from netwright.training.manifest import describe, resumable
from netwright.training.recipe import Recipe
from tiny import SPEC, Net, data

CONSTANT = Recipe(schedule="constant", batch=16, augment=(), epochs=2)


def about(recipe=CONSTANT, *, spec=SPEC, net=None, given=None):
    return describe(spec, net or Net(), given or data(), Classification(10), recipe, recipe)


@pytest.fixture
def folder(tmp_path):
    folder = Folder(tmp_path)
    resumable(folder, about(), resume=False)
    return folder


@pytest.mark.parametrize("resume", [True, False])
def test_an_empty_folder_starts_with_or_without_resume(tmp_path, resume):
    given = about()
    resumable(Folder(tmp_path), given, resume)
    assert Folder(tmp_path).about() == given


def test_an_unfinished_run_is_gone_on_with_under_its_id(folder):
    before = folder.about()
    resumable(folder, about(), resume=True)
    assert folder.about() == before


def test_without_resume_a_run_is_never_overwritten(folder):
    with pytest.raises(RunError, match="unfinished run, which can be resumed"):
        resumable(folder, about(), resume=False)
    folder.describe(folder.about() | {"state": "finished"})
    with pytest.raises(RunError, match="a finished run"):
        resumable(folder, about(), resume=False)


def test_a_finished_run_is_read(folder):
    folder.describe(folder.about() | {"state": "finished"})
    resumable(folder, about(), resume=True)
    assert folder.about()["state"] == "finished"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"recipe": CONSTANT.changed(lr=0.5, seed=3)}, r"lr \(=0.5\) was 0.1; seed \(=3\) was 0"),
        ({"spec": "mlp"}, r"spec \(=mlp\) was"),
        ({"spec": None}, r"spec \(=None\) was"),
        ({"net": Net(channels=3)}, "other names or shapes"),
        ({"given": data(96)}, "the content of the data"),
        ({"recipe": CONSTANT.changed(epochs=1)}, r"epochs \(=1\) was 2"),
        ({"recipe": CONSTANT.changed(steps=100)}, r"epochs \(=None\) was 2"),
    ],
)
def test_a_different_request_is_refused_with_the_differences(folder, other, said):
    before = folder.about()
    with pytest.raises(RunError, match=said):
        resumable(folder, about(**other), resume=True)
    assert folder.about() == before


def test_a_budget_may_rise_where_the_rates_do_not_depend_on_it(folder):
    folder.describe(folder.about() | {"state": "finished"})
    longer = about(CONSTANT.changed(epochs=5))
    resumable(folder, longer, resume=True)
    assert folder.about()["state"] == "running"
    assert folder.about()["recipe"]["epochs"] == 5


def test_a_budget_may_not_rise_where_the_rates_depend_on_it(tmp_path):
    recipe = CONSTANT.changed(schedule="cosine")
    resumable(Folder(tmp_path), about(recipe), resume=False)
    with pytest.raises(RunError, match=r"epochs \(=5\) was 2"):
        resumable(Folder(tmp_path), about(recipe.changed(epochs=5)), resume=True)
