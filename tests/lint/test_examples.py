"""The two programs users handed in: every finding at its line, and no other error or warning."""

import subprocess
import sys
from pathlib import Path

import pytest

from netwright.lint.run import check

HOME = Path(__file__).parent / "programs"
SCRIPT = {
    ("NW201", 25), ("NW501", 35), ("NW701", 43), ("NW704", 46), ("NW704", 58), ("NW705", 45), ("NW705", 55),
    ("NW702", 53), ("NW702", 40), ("NW703", 54), ("NW601", 63), ("NW707", 72),
}  # fmt: skip


def reported(target, shape=None, infos=False):
    findings = check(str(HOME / target), shape)
    return {(finding.code, finding.line) for finding in findings if infos or finding.severity != "info"}


def test_the_course_script():
    assert reported("course_cifar.py") == SCRIPT
    assert ("NW710", 62) in reported("course_cifar.py", infos=True)


def test_the_course_network():
    target, shape = "course_cifar.py:NetResDeep", (3, 32, 32)
    assert reported(target, shape) == {("NW201", 25), ("NW102", 33), ("NW501", 35)}
    assert ("NW301", 10) in reported(target, shape, infos=True)


WASTE = {("NW104", 17)}
BOARDS = {("NW108", line) for line in (42, 43, 44, 45)}


@pytest.mark.parametrize(
    ("name", "shape", "expected"),
    [
        ("Encoder", (3, 32, 32), WASTE),
        ("PaddedPoint", (1024, 1, 1), {("NW103", 29)}),
        ("Decoder", (1024, 1, 1), BOARDS),
        ("Autoencoder", (3, 32, 32), WASTE | BOARDS | {("NW203", 56), ("NW205", 60)}),
        ("WrongChannels", (12, 16, 16), {("NW101", 69)}),
    ],
)
def test_the_networks_designed_by_pattern(name, shape, expected):
    """The whole autoencoder also has what its parts have."""
    assert reported(f"course_autoencoder.py:{name}", shape) == expected


def test_evidence_and_infos_of_the_networks():
    [waste] = check(str(HOME / "course_autoencoder.py:Encoder"), (3, 32, 32), select=["NW104"])
    assert (waste.evidence["wasted"], waste.evidence["weights"]) == (3_145_728, 4_194_304)
    infos = reported("course_autoencoder.py:Decoder", (1024, 1, 1), infos=True)
    assert {("NW305", 45), ("NW301", 41)} <= infos
    [wrong] = check(str(HOME / "course_autoencoder.py:WrongChannels"), (12, 16, 16))
    assert wrong.fix.text == "nn.Conv2d(14, 14, 3)"


@pytest.mark.parametrize("name", ["course_cifar.py"])
def test_the_program_still_runs_after_all_fixes(tmp_path, name):
    from netwright.lint.session import Session

    copy = tmp_path / name
    copy.write_text((HOME / name).read_text())
    left = {finding.code for finding in Session([str(copy)]).fix(unsafe=True, write=True).findings}
    assert left == {"NW707"}
    done = subprocess.run(
        [sys.executable, str(copy)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "accuracy of the loaded model" in done.stdout


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("Encoder", "3x32x32"),
        ("Decoder", "1024x1x1"),
        ("Autoencoder", "3x32x32"),
        ("WrongChannels", "12x16x16"),
    ],
)
def test_the_networks_still_run_with_the_same_shapes_after_all_fixes(tmp_path, name, shape):
    from netwright.lint.network import Network
    from netwright.lint.session import Session

    copy = tmp_path / "course_autoencoder.py"
    copy.write_text((HOME / "course_autoencoder.py").read_text())
    target, size = f"{copy}:{name}", tuple(map(int, shape.split("x")))
    before = Network.of(target, size).graph
    left = Session([target], shape).fix(unsafe=True, write=True).findings
    after = Network.of(target, size).graph
    assert after.failure is None
    if before.failure is None:
        assert [tensor.shape for tensor in after.outputs] == [tensor.shape for tensor in before.outputs]
    assert {finding.code for finding in left if finding.severity == "error"} == set()
