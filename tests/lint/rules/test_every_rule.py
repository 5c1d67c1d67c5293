"""What holds for every rule: a page, a bad program, a good one."""

import io
import re
import tokenize

import pytest

from netwright.lint.catalogue import rules
from netwright.lint.network import Network
from netwright.lint.session import Session
from planted import BAD, GOOD
from planted import findings as planted_findings
from planted import words as planted_words
from programs import loud, marked, program, reported, target

EVERY = list(rules())
CODES = [code for code, rule in rules().items() if not rule.data]
"""Rules about programs; those about data have folders instead."""
DATA = [code for code, rule in rules().items() if rule.data]
FIXED = [code for code, rule in rules().items() if rule.fix != "manual" and code != "NW001"]
"""NW001 reports on what the others left: its fix has a test of its own."""


@pytest.mark.parametrize("code", EVERY)
def test_its_page_says_what_why_and_what_instead(code):
    rule = rules()[code]
    assert all(len(rule.sections[name]) > 15 for name in ("What", "Why", "Instead"))
    assert rule.title.endswith(".")


@pytest.mark.parametrize("code", CODES)
def test_it_finds_what_its_bad_program_marks_and_nothing_else(code):
    bad = program(code, "bad")
    assert marked(bad, code)
    assert sorted(set(reported(bad, code))) == marked(bad, code)


@pytest.mark.parametrize("code", CODES)
def test_its_good_program_is_free_of_errors_and_warnings(code):
    good = program(code, "good")
    assert reported(good, code) == []
    assert loud(good) == []


@pytest.mark.parametrize("code", EVERY)
def test_its_code_and_name_come_from_its_file(code):
    assert re.fullmatch(r"NW\d{3}", code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rules()[code].name)


@pytest.mark.parametrize("code", [code for code in CODES if code != "NW001"])
def test_the_best_fix_in_its_bad_program_is_what_its_page_promises(code):
    """What cannot be rewritten there, or not safely, has a lesser fix than the rule can offer."""
    spec, shape = target(program(code, "bad"))
    outcome = Session([spec], shape, select=[code]).check()
    kinds = {finding.fix.kind for finding in outcome.findings if finding.fix}
    assert max(kinds, key=["manual", "unsafe", "safe"].index) == rules()[code].fix


def test_every_rule_about_data_has_its_folders():
    assert sorted(BAD) == sorted(GOOD) == DATA


@pytest.mark.parametrize("code", DATA)
def test_it_finds_the_fault_of_its_bad_folder_and_names_it(code, tmp_path):
    names = BAD[code](tmp_path / "data")
    reported = planted_findings(tmp_path / "data", code)
    said = planted_words(reported)
    assert reported
    assert [name for name in names if name not in said] == []
    assert all(finding.fix and finding.fix.text for finding in reported)


@pytest.mark.parametrize("folder", sorted(set(GOOD.values()), key=lambda write: write.__name__))
def test_a_folder_without_faults_has_no_finding(folder, tmp_path):
    assert planted_findings(folder(tmp_path / "data")) == []


def comments(text):
    read = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in read if token.type == tokenize.COMMENT]


def shapes(spec, shape):
    """The output shapes, None for a script and for a network that does not run."""
    if shape is None:
        return None
    graph = Network.of(spec, tuple(map(int, shape.split("x")))).graph
    return None if graph.failure else [tensor.shape for tensor in graph.outputs]


@pytest.mark.parametrize("code", FIXED)
def test_its_fix_mends_its_bad_program_and_touches_nothing_else(code, tmp_path):
    """The findings go, comments stay, and the network still has the shapes it had."""
    file = tmp_path / "bad.py"
    before = program(code, "bad").read_text()
    file.write_text(before)
    spec, shape = target(program(code, "bad"), file)
    was = shapes(spec, shape)
    outcome = Session([spec], shape, select=[code]).fix(unsafe=True, write=True)
    after = file.read_text()
    assert outcome.failures == ()
    assert [finding for finding in outcome.findings if finding.fix and finding.fix.edits] == []
    assert len(outcome.findings) < len(marked(program(code, "bad"), code))
    assert not any("not fixed" in note for note in outcome.notes)
    kept = [text for text in comments(before) if code not in text]
    assert [text for text in comments(after) if code not in text] == kept
    assert was is None or shapes(spec, shape) == was
    compile(after, str(file), "exec")
