"""The recall benchmark: its programs are good, its operators make real faults, its verdicts are right."""

import ast
import json
import sys
from pathlib import Path

import pytest
import recall
import torch
import zoos
from faults import OPERATORS, Source

import netwright as nw
from netwright.lint.catalogue import rules

EXAMPLES = sorted(recall.EXAMPLES.glob("*.py"))
PROGRAMS = list(recall.programs())


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    """The examples import torchvision, which may be missing; other tests must not see the stand-in."""
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, zoos.Finder()])
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)  # the command sets it
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("torchvision"):
            del sys.modules[name]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_is_silent_as_a_script_and_as_a_network(file: Path):
    source = Source(file.stem, file.read_text(encoding="utf-8"))
    findings, unchecked = recall.findings(source, str(file), network=True)
    assert [str(one) for one in findings if one.severity != "info"] == []
    assert unchecked == []


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_networks_of_an_example_run_in_torch_itself(file: Path):
    for spec, text in Source(file.stem, file.read_text(encoding="utf-8")).targets:
        net = nw.load(f"{file}:{spec}").eval()
        with torch.no_grad():
            net(*recall.examples(text))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_makes_a_real_mutant(name: str):
    """The first place where it applies: the text parses and differs, torch confirms what torch can see."""
    operator, bench = OPERATORS[name], recall.Bench()
    smallest = sorted(PROGRAMS, key=lambda program: len(program.text))
    places = ((source, mutant) for source in smallest for mutant in operator.mutate(source))
    source, mutant = next(place for place in places if bench.real(operator, *place))
    assert ast.dump(ast.parse(mutant.text)) != ast.dump(source.tree)
    count = mutant.text.count("\n") + 1
    assert mutant.spans
    assert all(1 <= first <= last <= count for first, last in mutant.spans)


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_names_a_rule_by_its_code_and_says_what_it_does(name: str):
    operator = OPERATORS[name]
    assert operator.code is None or operator.code.startswith("NW")
    assert len(operator.description) > 20


def test_every_rule_that_warns_has_an_operator():
    """A rule without an operator would never be measured; faults of data are not faults of a program."""
    programs = {code: rule for code, rule in rules().items() if not rule.data}
    loud = {code for code, rule in programs.items() if rule.severity in ("error", "warning")}
    assert loud - {operator.code for operator in OPERATORS.values()} <= {"NW001"}


def source(stem: str) -> Source:
    return next(one for one in PROGRAMS if one.name == stem)


def judged(operator: str, stem: str):
    [mutant, *_] = OPERATORS[operator].mutate(source(stem))
    return recall.Bench().judge(OPERATORS[operator], source(stem), mutant)


def test_a_fault_that_is_found_at_its_line_and_restored_by_its_fix():
    verdict = judged("cloned_block", "course")
    assert (verdict.found, verdict.at_line, verdict.fixed, verdict.restored) == (True,) * 4
    assert verdict.reported == (verdict.line,)


def test_a_fault_that_no_rule_knows_is_not_found():
    verdict = judged("swapped_arguments", "course")
    assert (verdict.found, verdict.at_line, verdict.others) == (False, False, ())


def test_a_network_that_is_refused_with_a_message_counts_as_other():
    assert "refused" in judged("forgotten_super", "mnist").others


def test_what_the_good_program_has_reported_is_not_counted():
    """`mnist` has an info of its own, which stays with every mutant."""
    assert {code for code, _ in recall.Bench().already(source("mnist"))} == {"NW401"}
    assert "NW401" not in judged("random_in_eval", "mnist").others


def test_a_change_that_is_never_run_is_not_a_fault():
    """A padded 1x1 convolution in a class that no network uses."""
    unused = "\n\nclass Unused(nn.Module):\n    def __init__(self):\n        self.c = nn.Conv2d(3, 4, 1)\n"
    program = Source("net", source("course").text + unused)
    operator = OPERATORS["padded_point"]
    [mutant] = operator.mutate(program)
    assert not recall.Bench().real(operator, program, mutant)


def test_the_drawn_mutants_are_the_same_each_time_and_of_every_program_in_turn():
    operator, some = OPERATORS["no_zero_grad"], [source("cifar"), source("dcgan"), source("mnist")]
    drawn = [(place.name, mutant.text) for place, mutant in recall.drawn(operator, some)]
    assert drawn == [(place.name, mutant.text) for place, mutant in recall.drawn(operator, some)]
    assert [name for name, _ in drawn] == ["cifar", "dcgan", "mnist", "dcgan"]


def test_the_command_prints_a_table_and_writes_every_verdict(tmp_path, capsys):
    file = tmp_path / "verdicts.json"
    words = ["--operator", "no_zero_grad", "kept_graph", "--limit", "2", "--json", str(file), "--misses"]
    recall.main(words)
    assert [line.split()[:3] for line in capsys.readouterr().out.splitlines()[1:3]] == [
        ["no_zero_grad", "NW701", "2"],
        ["kept_graph", "NW705", "2"],
    ]
    codes = [(one["operator"], one["code"]) for one in json.loads(file.read_text())]
    assert codes == [("no_zero_grad", "NW701")] * 2 + [("kept_graph", "NW705")] * 2
