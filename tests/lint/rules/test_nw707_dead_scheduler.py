"""NW707: schedulers that never act."""

import pytest
import torch

from programs import script

HEAD = "import torch\nfrom torch.optim.lr_scheduler import ReduceLROnPlateau\n"


@pytest.mark.parametrize(("patience", "steps"), [(0, 1), (0, 2), (3, 4), (3, 5), (10, 11), (10, 12)])
def test_the_rule_agrees_with_torch(patience, steps):
    """A plateau from the first step on is the quickest way to a lower rate."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=patience)
    for _ in range(steps):
        scheduler.step(1.0)
    never = optimizer.param_groups[0]["lr"] == 1.0
    text = f"s = ReduceLROnPlateau(o, patience={patience})\nfor e in range({steps}):\n    s.step(l)\n"
    assert bool(script(HEAD + text, "NW707")) == never


@pytest.mark.parametrize(
    "text",
    [
        "s = ReduceLROnPlateau(o)\nfor e in range(n):\n    s.step(l)\n",
        "s = ReduceLROnPlateau(o)\nwhile True:\n    s.step(l)\n",
        "s = ReduceLROnPlateau(o, **options)\nfor e in range(3):\n    s.step(l)\n",
        "s = ReduceLROnPlateau(o)\n",
        "s = ReduceLROnPlateau(o)\nfor e in range(3):\n    for b in range(10):\n        s.step(l)\n",
        "def run(s):\n    for e in range(3):\n        s.step(l)\nrun(ReduceLROnPlateau(o))\ng(run)\n",
    ],
)
def test_what_is_not_certain_says_nothing(text):
    assert script(HEAD + text, "NW707") == []


def test_the_number_of_epochs_may_be_computed():
    text = "from torch.optim.lr_scheduler import ReduceLROnPlateau\nEPOCHS = 5\n"
    text += "s = ReduceLROnPlateau(o, patience={})\nfor epoch in range(1, 2 * EPOCHS + 1):\n    s.step(x)\n"
    assert script(text.format(9), "NW707") == [3]
    assert script(text.format(5), "NW707") == []
