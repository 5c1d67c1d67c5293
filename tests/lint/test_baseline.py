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
    assert [(finding.code, finding.line) for finding in new] == [("NW708", 3), ("NW701", 2)]


def test_two_alike_need_two_entries(tmp_path):
    source, file = tmp_path / "a.py", tmp_path / "baseline.json"
    source.write_text("x()\nx()\n")
    baseline.save([finding(source, 1)], file)
    assert len(baseline.new([finding(source, 1), finding(source, 2)], file)) == 1


@pytest.mark.parametrize(
    "text", ["", "[]", '{"version": 2, "findings": []}', '{"version": 1, "findings": [{}]}']
)
def test_what_is_not_a_baseline_is_refused(tmp_path, text):
    file = tmp_path / "baseline.json"
    file.write_text(text)
    with pytest.raises(UsageError, match="cannot be read"):
        baseline.load(file)


def test_a_missing_baseline_says_how_to_write_one(tmp_path):
    with pytest.raises(UsageError, match="--write-baseline"):
        baseline.load(tmp_path / "none.json")


def test_paths_are_kept_relative_to_the_baseline_so_that_a_moved_checkout_keeps_it(tmp_path):
    for place in ("here", "there"):
        (tmp_path / place / "src").mkdir(parents=True)
        (tmp_path / place / "src" / "a.py").write_text("x()\n")
    baseline.save([finding(tmp_path / "here" / "src" / "a.py", 1)], tmp_path / "here" / "b.json")
    moved = (tmp_path / "here" / "b.json").replace(tmp_path / "there" / "b.json")
    assert baseline.new([finding(tmp_path / "there" / "src" / "a.py", 1)], moved) == []


def test_an_edited_line_is_new_and_its_indentation_does_not_matter(tmp_path):
    source, file = tmp_path / "a.py", tmp_path / "baseline.json"
    source.write_text("x()\n")
    baseline.save([finding(source, 1)], file)
    source.write_text("if y:\n    x()\n")
    assert baseline.new([finding(source, 2)], file) == []
    source.write_text("x(1)\n")
    assert len(baseline.new([finding(source, 1)], file)) == 1


def test_another_module_on_the_same_line_is_new(tmp_path):
    source, file = tmp_path / "a.py", tmp_path / "baseline.json"
    source.write_text("x()\n")
    one = Finding("NW301", "n", "info", "m", Place(str(source), 1), "stem")
    other = Finding("NW301", "n", "info", "m", Place(str(source), 1), "head")
    baseline.save([one], file)
    assert baseline.new([one, other], file) == [other]
