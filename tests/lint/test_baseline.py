"""A baseline accepts today's findings."""

import pytest

from netwright.errors import UsageError
from netwright.lint import baseline
from netwright.lint.finding import Finding, Place


def finding(path, line, code="NW708"):
    return Finding(code, "n", "warning", "m", Place(str(path), line))


def test_accepted_findings_stay_accepted_when_lines_move(tmp_path):
    source, file = tmp_path / "a.py", tmp_path / "baseline.json"
    source.write_text("x()\ny()\n")
    assert baseline.save([finding(source, 1)], file) == 1
    source.write_text("# new first line\nx()\ny()\n")
    new = baseline.new([finding(source, 2), finding(source, 3), finding(source, 2, "NW701")], file)
    assert [(found.code, found.line) for found in new] == [("NW708", 3), ("NW701", 2)]


def test_two_alike_need_two_entries(tmp_path):
    source, file = tmp_path / "a.py", tmp_path / "baseline.json"
    source.write_text("x()\nx()\n")
    baseline.save([finding(source, 1)], file)
    assert len(baseline.new([finding(source, 1), finding(source, 2)], file)) == 1


@pytest.mark.parametrize(
    "text", ["", "[]", '{"version": 2, "findings": []}', '{"version": 1, "findings": [{}]}']
)
def test_what_is_no_baseline_is_refused(tmp_path, text):
    file = tmp_path / "baseline.json"
    file.write_text(text)
    with pytest.raises(UsageError, match="cannot be read"):
        baseline.load(file)


def test_a_missing_baseline_says_how_to_write_one(tmp_path):
    with pytest.raises(UsageError, match="--write-baseline"):
        baseline.load(tmp_path / "none.json")
