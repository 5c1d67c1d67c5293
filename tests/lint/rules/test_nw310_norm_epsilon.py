"""NW310: a momentum in the place of an epsilon."""

import pytest
import torch
from torch import nn

from netwright.lint.fix import apply
from netwright.lint.run import check
from programs import findings, program, script

HEAD = "from torch import nn\n"


def test_the_variance_that_the_page_gives_is_right():
    weak = torch.randn(100_000, 1) * 0.05**0.5
    assert nn.BatchNorm1d(1, 0.8)(weak).var().item() == pytest.approx(0.05 / 0.85, rel=0.05)
    assert nn.BatchNorm1d(1)(weak).var().item() == pytest.approx(1, rel=0.05)


def test_fixes_give_the_momentum_that_torch_would_take():
    fixes = [finding.fix for finding in findings(program("NW310", "bad"), select=["NW310"])]
    assert [fix.text for fix in fixes] == [
        "nn.BatchNorm2d(8, momentum=0.2)",
        "nn.BatchNorm2d(8, affine=False, momentum=0.1)",
        "leave `eps` at its default",
    ]
    assert [fix.kind for fix in fixes] == ["unsafe", "unsafe", "manual"]


def test_the_same_faults_are_found_in_the_source_alone(tmp_path):
    bad, file = program("NW310", "bad"), tmp_path / "bad.py"
    file.write_text(bad.read_text())
    in_source = check(str(file), select=["NW310"])
    in_network = findings(bad, select=["NW310"])
    assert [(each.line, each.fix.text) for each in in_source] == [
        (each.line, each.fix.text) for each in in_network
    ]
    assert check(str(program("NW310", "good")), select=["NW310"]) == []
    fixed = apply(file.read_text(), in_source).text
    assert "nn.BatchNorm2d(8, momentum=0.2)" in fixed


def test_numbers_that_are_named_count_and_stay_where_they_are(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(HEAD + "eps = 0.9\nnorm = nn.BatchNorm1d(4, eps)\n")
    (finding,) = check(str(file), select=["NW310"])
    assert (finding.line, finding.fix.kind) == (3, "manual")


def test_a_norm_that_has_both_numbers_is_left_to_the_writer():
    net = nn.Sequential(nn.BatchNorm2d(3, 0.5, 0.1))
    (finding,) = check(net, (3, 4, 4), select=["NW310"])
    assert finding.fix.kind == "manual"


def test_norms_of_other_packages_and_hidden_arguments_are_not_judged():
    assert script("from other import nn\nnn.BatchNorm2d(3, 0.8)\n", "NW310") == []
    assert script(HEAD + "nn.BatchNorm2d(*sizes, 0.8)\nnn.LayerNorm(3, 1e-6)\n", "NW310") == []
    assert script(HEAD + "nn.LazyBatchNorm2d(0.8)\nnn.SyncBatchNorm(3, 0.8)\n", "NW310") == [2, 3]
