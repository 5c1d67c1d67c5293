"""Cards of runs that stored no facts, or facts of other weights."""

import json
import shutil
from dataclasses import replace

import pytest

import tiny
from netwright.errors import RunError, TrustError
from netwright.training.model_card.complete import stored
from netwright.training.model_card.facts import FILE
from netwright.training.result import Run
from tiny import data


@pytest.fixture
def old(finished, tmp_path):
    """A run that ended before cards were written."""
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    for name in ("card.md", "README.md", FILE):
        (folder / name).unlink()
    return Run.read(folder)


def test_the_card_of_a_finished_training_is_the_one_in_its_folder(finished, segmented):
    for run in (finished, segmented):
        assert run.card() == (run.folder / "card.md").read_text() == (run.folder / "README.md").read_text()


def test_without_stored_facts_the_network_is_recorded_and_the_data_is_needed_for_scores(old, finished):
    card = old.card()
    assert "No intervals were computed" in card
    assert "1,216 for one input" in card
    assert old.card(data()) == finished.card()
    assert not (old.folder / "card.md").exists()


def test_other_data_is_refused(finished):
    with pytest.raises(RunError, match=r"the content of squares is not that of squares, .* `Run\.evaluate`"):
        finished.card(data(seed=1))


def test_an_unknown_network_of_a_foreign_run_is_not_built(old, finished, monkeypatch, tmp_path):
    monkeypatch.setenv("NETWRIGHT_TRUST", str(tmp_path / "nobody"))
    with pytest.raises(TrustError, match="trust=True"):
        old.card()
    assert "1,216 for one input" in old.card(trust=True)
    assert finished.card() == (finished.folder / "card.md").read_text(), "nothing is built for stored facts"


def test_a_run_of_a_module_needs_the_network_where_nothing_is_stored(of_module, tmp_path):
    folder = shutil.copytree(of_module.folder, tmp_path / "run")
    (folder / FILE).unlink()
    with pytest.raises(RunError, match="give the network by `net`"):
        Run.read(folder).card()
    assert "1,216 for one input" in Run.read(folder).card(net=tiny.Net())


def test_scores_of_other_weights_are_left_out(finished, tmp_path):
    """As after a training that went on from a finished run."""
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    known = json.loads((folder / FILE).read_text())
    known["metrics"]["error"]["value"] += 0.1
    (folder / FILE).write_text(json.dumps(known))
    facts = stored(Run.read(folder))
    assert (facts.metrics, facts.classes) == (None, None)
    assert facts.network == stored(finished).network
    assert stored(replace(finished, best=None)).metrics is None
