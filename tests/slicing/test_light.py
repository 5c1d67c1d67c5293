"""Statements that may stay because they cost nothing."""

import ast
from collections import defaultdict

import pytest

from netwright.slicing.effects import Definitions
from netwright.slicing.light import Light
from netwright.slicing.unit import Unit, units


def judged(text: str, needed: tuple[str, ...] = (), missing: tuple[str, ...] = ()) -> tuple[Light, Unit]:
    """A judge of a script, and its last statement."""
    tree = ast.parse(text)
    definitions = Definitions.of(tree)
    made = units(tree, definitions)
    binders = defaultdict(list)
    for unit in made:
        for name in unit.binds:
            binders[name].append(unit)

    def importable(unit: Unit) -> bool:
        return not any(name in ast.unparse(unit.node) for name in missing)

    return Light(definitions, binders, set(needed), importable), made[-1]


@pytest.mark.parametrize(
    "text",
    [
        "x = 3",
        "x: int = 2 ** 3",
        "a = 3\nx = [a, a + 1, max(a, 2)]",
        "import os\nx = os.path.join('a', 'b')",
        "import torch\nx = torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
        "from pathlib import Path\nx = Path(__file__)",
        "def f(x=3): return data",
        "class A:\n    x = len('abc')",
        "def twice(f): return f\n@twice\ndef g(): pass",
    ],
)
def test_a_value_that_is_only_computed_is_constant(text: str):
    light, unit = judged(text)
    assert light.constant(unit)


@pytest.mark.parametrize(
    "text",
    [
        "x = read()",
        "a = read()\nx = a + 1",
        "a = read()\ndef f(x=a): pass",
        "import missing\nclass A(missing.B): pass",
        "x += 1",
        "print(3)",
        "x.y = 3",
        "x = undefined",
        "def register(f): TABLE.append(f)\n@register\ndef g(): pass",
        "if __name__ == '__main__':\n    x = 3",
        "for y in z:\n    loss.backward()\n    x = 3",
    ],
)
def test_anything_else_is_not(text: str):
    light, unit = judged(text, missing=("missing",))
    assert not light.constant(unit)


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("init(net)", False),
        ("def init(m): pass\ninit(net)", True),
        ("from a import init\ninit(net)", True),
        ("from missing import init\ninit(net)", False),
        ("try:\n    from missing import init\nexcept ImportError:\n    from a import init\ninit(net)", True),
        ("import data\nloader = data.load()\nnet.fit(loader)", False),
        ("for m in net.modules():\n    m.x = 1", True),
        ("for i in range(3):\n    net.eval()", True),
        ("import data\nfor x in data.load():\n    net.eval()", False),
        ("while True:\n    net.eval()", False),
        ("import torch\nwith torch.no_grad():\n    net.eval()", True),
        ("import data\nx = data.load()\nif x:\n    net.eval()", False),
    ],
)
def test_a_unit_is_readable_if_its_names_and_those_of_its_heads_cost_nothing(text: str, readable: bool):
    light, unit = judged("net = make()\n" + text, needed=("net",), missing=("missing",))
    assert light.readable(unit) is readable


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("import sys\nsys.path.insert(0, '..')", True),
        ("import os\nos.environ['A'] = 'b'", True),
        ("import os\nos.environ.setdefault('A', 'b')", True),
        ("import torch\ntorch.manual_seed(0)", True),
        ("from torch import manual_seed\nmanual_seed(0)", True),
        ("import random\nrandom.seed(0)", True),
        ("def set_seed(x): pass\nset_seed(0)", True),
        ("import torch\ntorch.backends.cudnn.deterministic = True", True),
        ("import torch\ntorch.set_default_dtype(torch.float64)", True),
        ("import warnings\nwarnings.filterwarnings('ignore')", True),
        ("import torch\ntorch.cuda.set_device(0)", False),
        ("import os\nos.makedirs('a')", False),
        ("import nltk\nnltk.download('punkt')", False),
        ("import matplotlib.pyplot as plt\nplt.show()", False),
        ("x = []\nx[0] = 1", False),
        ("import sys\nif __name__ == '__main__':\n    sys.path.append('..')", False),
    ],
)
def test_settings_are_told_from_work(text: str, setting: bool):
    light, unit = judged(text)
    assert light.setting(unit) is setting
