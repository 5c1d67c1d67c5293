"""NW505: targets that a loss does not take."""

import pytest
import torch
from torch.nn import functional as F

from netwright.lint.run import check
from programs import findings, program, script

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
SHOWN = "(model(x).argmax(1) == y).sum()\n"


def test_torch_refuses_what_the_rule_reports():
    scores, classes = torch.randn(4, 3), torch.tensor([0, 1, 2, 0])
    for loss in (F.cross_entropy, F.nll_loss):
        for wrong in (classes.float(), classes.int(), classes > 0, F.one_hot(classes, 3)):
            with pytest.raises(RuntimeError):
                loss(scores, wrong)
    for loss in (F.binary_cross_entropy, F.binary_cross_entropy_with_logits):
        for wrong in (classes, classes.int(), classes > 0):
            with pytest.raises(RuntimeError):
                loss(torch.rand(4), wrong)
    with pytest.raises(IndexError, match="out of bounds"):
        F.cross_entropy(scores, classes + 1)


def test_class_weights_mean_another_thing_with_probabilities():
    scores, classes, weight = torch.randn(4, 3), torch.tensor([0, 1, 2, 0]), torch.tensor([1.0, 2.0, 3.0])
    one_hot = F.one_hot(classes, 3).float()
    assert torch.allclose(F.cross_entropy(scores, one_hot), F.cross_entropy(scores, classes))
    each = F.cross_entropy(scores, classes, weight=weight, reduction="sum")
    assert torch.allclose(F.cross_entropy(scores, one_hot, weight=weight), each / 4)
    assert torch.allclose(F.cross_entropy(scores, classes, weight=weight), each / weight[classes].sum())


def test_messages_say_what_is_given_and_what_to_write():
    found = {finding.line: finding for finding in findings(program("NW505", "bad"), select=["NW505"])}
    assert "gives floating-point numbers to `CrossEntropyLoss`" in found[10].message
    assert found[10].fix.text == "y.long()"
    assert "shifts the classes by +1 for the loss only" in found[16].message
    assert found[27].message == (
        "`labels` gives whole numbers to `BCEWithLogitsLoss`, which takes floating-point numbers."
    )
    assert found[27].fix.text == "y.float()"


def test_class_weights_with_one_hot_targets_are_a_warning():
    found = findings(program("NW505", "bad"), select=["NW505"])
    assert [each.severity for each in found if "class weights" in each.message] == ["warning"]
    one_hot = "F.one_hot(y, 3).float()"
    assert script(f"{HEAD}F.cross_entropy(z, {one_hot}, w) + nn.CrossEntropyLoss(w)(z, {one_hot})\n", "NW505")
    assert (
        script(f"{HEAD}F.cross_entropy(z, {one_hot}) + nn.CrossEntropyLoss()(z, {one_hot})\n", "NW505") == []
    )


def severities(tmp_path, text):
    file = tmp_path / "train.py"
    file.write_text(HEAD + text)
    return [finding.severity for finding in check(str(file), select=["NW505"])]


def test_without_a_sign_of_classes_it_is_an_info(tmp_path):
    assert severities(tmp_path, "F.cross_entropy(model(x), y.float())\n") == ["info"]
    assert severities(tmp_path, "F.cross_entropy(model(x), y - 1)\n") == ["info"]
    assert severities(tmp_path, "right = y + 1\nF.cross_entropy(model(x), right)\n") == []
    assert severities(tmp_path, "F.cross_entropy(model(x), y.float())\n" + SHOWN) == ["error"]
    assert severities(tmp_path, "F.cross_entropy(z.flatten(0, 1), y.float().flatten())\n") == ["error"]
    assert severities(tmp_path, "nn.CrossEntropyLoss(ignore_index=0)(z, y.float())\n") == ["error"]


def test_probabilities_are_right():
    for soft in ("soft_labels.float()", "F.one_hot(y).float()", "torch.rand(4, 3)"):
        assert script(f"{HEAD}F.cross_entropy(model(x), {soft})\n{SHOWN}", "NW505") == []
    assert script(HEAD + "F.cross_entropy(model(x), mixup(x, y).float())\n" + SHOWN, "NW505") == []


def test_a_shift_that_the_comparison_makes_too_is_right():
    text = "F.cross_entropy(model(x), y - 1)\n"
    assert script(HEAD + text + "(model(x).argmax(1) + 1 == y).sum()\n", "NW505") == []
    assert script(HEAD + text + SHOWN, "NW505") == [4]
