"""NW203: modules PyTorch does not know of."""

from netwright.lint.network import Network
from netwright.lint.session import Session
from programs import findings, program


def test_the_parameters_really_are_missing():
    bad = Network.of(f"{program('NW203', 'bad')}:Net", (8,)).net
    assert sum(p.numel() for p in bad.parameters()) == 72
    reported = findings(program("NW203", "bad"), select=["NW203"])
    assert sorted(finding.evidence["parameters"] for finding in reported) == [36, 45]


def test_the_fix_registers_them(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(program("NW203", "bad").read_text())
    outcome = Session([f"{file}:Net"], "8", select=["NW203"]).fix(unsafe=True, write=True)
    assert outcome.findings == ()
    assert 'nn.ModuleDict({"a": nn.Linear(8, 4)})' in file.read_text()
    assert sum(p.numel() for p in Network.of(f"{file}:Net", (8,)).net.parameters()) == 72 + 45 + 36
