"""NW102: images folded into the batch."""

import pytest
import torch

from fixing import fixed, written
from netwright.lint.network import Network
from netwright.lint.run import check
from netwright.lint.session import Session
from programs import findings, program, target


def test_the_rows_are_those_of_a_real_run():
    [finding] = findings(program("NW102", "bad"), select=["NW102"])
    net = Network.of(f"{program('NW102', 'bad')}:Net", (3, 32, 32)).net
    assert finding.evidence["rows"] == net(torch.zeros(2, 3, 64, 64)).shape[0] == 8


def test_it_is_an_error_only_where_the_declared_size_folds():
    [finding] = findings(program("NW102", "bad"), select=["NW102"])
    assert finding.severity == "warning"
    spec, _ = target(program("NW102", "bad"))
    [finding] = check(spec, (3, 64, 64), select=["NW102"])
    assert finding.severity == "error"


def test_the_fix_keeps_the_batch_and_refuses_other_sizes(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(program("NW102", "bad").read_text())
    Session([f"{file}:Net"], "3x32x32", select=["NW102"]).fix(unsafe=True, write=True)
    assert "x = x.flatten(1)  # NW102" in file.read_text()
    net = Network.of(f"{file}:Net", (3, 32, 32)).net
    assert net(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        net(torch.zeros(2, 3, 64, 64))


def test_a_folded_sum_keeps_its_brackets(tmp_path):
    text, _ = fixed(
        tmp_path,
        written("self.fc = nn.Linear(12, 2)", "return self.fc((x + 1).view(-1, 12))"),
        "NW102",
        "3x2x2",
    )
    assert "self.fc((x + 1).flatten(1))" in text
