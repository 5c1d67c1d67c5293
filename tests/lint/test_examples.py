"""The two programs users handed in: every finding at its line, and no other error or warning."""

import subprocess
import sys
from pathlib import Path

import pytest

from netwright.lint.run import check

HOME = Path(__file__).parent / "programs"
SCRIPT = {
    ("NW201", 25), ("NW501", 35), ("NW701", 43), ("NW704", 46), ("NW704", 58), ("NW705", 45), ("NW705", 55),
    ("NW702", 53), ("NW702", 40), ("NW703", 54), ("NW601", 63), ("NW707", 72), ("NW708", 79),
}  # fmt: skip


def found(target, shape=None, infos=False):
    findings = check(str(HOME / target), shape)
    return {(finding.code, finding.line) for finding in findings if infos or finding.severity != "info"}


def test_the_course_script():
    assert found("course_cifar.py") == SCRIPT
    assert ("NW710", 62) in found("course_cifar.py", infos=True)


def test_the_layer_that_pads_a_point():
    assert found("course_autoencoder.py:PaddedPoint", (1024, 1, 1)) == {("NW103", 29)}


@pytest.mark.parametrize("name", ["course_cifar.py"])
def test_the_program_still_runs_after_all_fixes(tmp_path, name):
    from netwright.lint.session import Session

    copy = tmp_path / name
    copy.write_text((HOME / name).read_text())
    left = {finding.code for finding in Session([str(copy)]).fix(unsafe=True, write=True).findings}
    assert left == {"NW704", "NW707"}
    done = subprocess.run(
        [sys.executable, str(copy)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "accuracy of the loaded model" in done.stdout
