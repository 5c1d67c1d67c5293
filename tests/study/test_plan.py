"""What is trained, in which order, and how studies join."""

from dataclasses import replace

import pytest

from netwright.study import plan
from netwright.study.candidate import Candidate
from study.examples import design, three


def test_seed_by_seed_and_the_dearest_first(make):
    study = make(
        design("small", [], 10), design("large", [], 1000), design("unknown", [], None), seeds=[0, 1]
    )
    chosen = [Candidate(name, "mlp") for name in ("small", "large", "unknown")]
    order = [(ticket.seed, ticket.design) for ticket in plan.tickets(study, chosen)]
    assert order == [(s, name) for s in (0, 1) for name in ("large", "small", "unknown")]


def test_every_trial_has_a_folder_of_its_own(make):
    study = make(design("a/b", []), design("a b", []), seeds=[0, 1])
    tickets = plan.tickets(study, [Candidate(name, "mlp") for name in ("a/b", "a b")])
    assert len({ticket.folder for ticket in tickets}) == 4
    assert all(ticket.path.is_relative_to(study.folder / "runs") for ticket in tickets)


def test_a_study_grows_by_designs_and_seeds_and_loses_nothing(make):
    known = make(*three()[:2])
    now = make(design("resnet56", []), design("new", []), seeds=[2, 3])
    joined = plan.joined(known, now)
    assert [d.name for d in joined.designs] == ["plain56", "resnet56", "new"]
    assert joined.seeds == [0, 1, 2, 3]
    assert joined.designs[1].trials == known.designs[1].trials


def test_a_change_of_versions_is_on_record(make):
    known = make()
    joined = plan.joined(known, replace(known, versions={"netwright": "0.1.0", "torch": "2.14.0"}))
    assert joined.versions == {"netwright": "0.1.0", "torch": "2.13.0, 2.14.0"}
    again = plan.joined(joined, replace(known, versions={"netwright": "0.1.0", "torch": "2.14.0"}))
    assert again.versions["torch"] == "2.13.0, 2.14.0"


def test_shares_follow_macs_and_sum_to_one(make):
    study = make(design("small", [], 300), design("large", [], 900), design("unknown", [], None), seeds=[0])
    tickets = plan.tickets(study, [Candidate(d.name, "mlp") for d in study.designs])
    shares = plan.shares(study, tickets)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["large", 0] == pytest.approx(3 * shares["small", 0])
    assert shares["unknown", 0] == pytest.approx(shares["large", 0] / 10)


def test_nothing_to_do_has_no_shares(make):
    assert plan.shares(make(), []) == {}


def test_facts_of_the_data_are_json(tiny):
    facts = plan.facts(tiny)
    assert (facts["name"], facts["input"], facts["classes"]) == ("tiny", [1, 8, 8], 10)
    assert facts["train"] == len(tiny.train)
