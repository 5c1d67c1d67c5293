"""NW708: checkpoints that can run code."""

from netwright.lint.fix import applicable, apply
from programs import findings, program


def test_only_a_state_dict_is_fixed_safely():
    reported = findings(program("NW708", "bad"), select=["NW708"])
    assert [finding.fix.kind for finding in reported] == ["safe", "safe", "manual"]
    text = apply(program("NW708", "bad").read_text(), applicable(reported, unsafe=False)).text
    assert 'torch.load("weights.pt", map_location="cpu", weights_only=True)' in text
    assert 'torch.load("weights.pt", weights_only=True)' in text


def test_the_two_ways_are_told_apart():
    messages = [finding.message for finding in findings(program("NW708", "bad"), select=["NW708"])]
    assert "before PyTorch 2.6" in messages[0]
    assert messages[2].startswith("`weights_only=False` runs")
