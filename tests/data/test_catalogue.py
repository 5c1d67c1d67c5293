"""Which task fits which data, and tasks of other packages."""

import pytest

from netwright.data.catalogue import choose, restored, tasks
from netwright.data.kinds import Kind
from netwright.data.tasks.classification import Classification
from netwright.data.tasks.segmentation import Segmentation
from netwright.errors import RecipeError
from netwright.plugins import Plugin, PluginWarning, plugins
from tiny import data


@pytest.fixture
def installed(monkeypatch):
    """Pretends that a package is installed that names an object as a task."""

    def install(value):
        def offered(group):
            return (Plugin("their-task", "their-package 1.2", value),) if group == "tasks" else ()

        monkeypatch.setattr("netwright.plugins.plugins", offered)
        tasks.cache_clear()

    yield install
    monkeypatch.undo()
    tasks.cache_clear()
    plugins.cache_clear()


def test_each_task_is_known_by_its_own_name():
    assert tasks()["classification"] is Classification
    assert all(task.name == name for name, task in tasks().items())


def test_the_targets_choose_the_task_and_the_recipe_its_options():
    task = choose(data(classes=4), label_smoothing=0.1)
    assert isinstance(task, Classification)
    assert task.settings() == {"classes": ["0", "1", "2", "3"], "label_smoothing": 0.1}


def test_an_option_that_the_task_does_not_have_is_refused_with_those_it_has():
    with pytest.raises(
        RecipeError, match=r"`shine` \(=3\) is not an option of classification; it has `label"
    ):
        choose(data(), shine=3)


def test_an_unknown_task_is_refused_with_the_near_ones():
    with pytest.raises(RecipeError, match=r"no task called `clasification`; there are classification"):
        choose(data(), "clasification")


def test_data_without_the_targets_of_a_task_is_refused(monkeypatch):
    monkeypatch.setattr(Classification, "needs", {"mask": Kind.MASK, "class": Kind.CLASS})
    with pytest.raises(
        RecipeError, match="classification needs targets of the kind mask, class; squares has class"
    ):
        choose(data(), "classification")


def test_a_task_is_made_again_from_its_settings():
    task = choose(data(classes=3), label_smoothing=0.2)
    assert restored(task.name, task.settings()).settings() == task.settings()


@pytest.mark.parametrize(
    "settings", [{}, {"classes": 3, "label_smoothing": 0}, {"classes": [], "label_smoothing": "x"}]
)
def test_settings_of_something_else_are_refused(settings):
    with pytest.raises(RecipeError, match="settings of the task classification cannot be read"):
        restored("classification", settings)


def test_a_task_of_another_package_is_known_by_its_name(installed):
    class Theirs(Classification):
        name = "theirs"

    installed(Theirs)
    assert tasks()["theirs"] is Theirs
    assert isinstance(choose(data(), "theirs"), Theirs)
    assert type(choose(data())) is Classification, (
        "what is installed does not change what ours are chosen for"
    )


def test_several_tasks_that_fit_are_refused_with_their_names(monkeypatch):
    monkeypatch.setattr(Segmentation, "needs", {"class": Kind.CLASS})
    with pytest.raises(RecipeError, match="name one of classification, segmentation by `task`"):
        choose(data())


@pytest.mark.parametrize(
    ("value", "reason"),
    [(3, "not a class"), (dict, "has no `name`"), (Classification, "a task called `classification` already")],
)
def test_what_is_not_a_task_is_left_out_with_the_reason(installed, value, reason):
    installed(value)
    with pytest.warns(PluginWarning, match=reason):
        assert "their-task" not in tasks()
