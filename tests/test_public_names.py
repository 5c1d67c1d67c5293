"""What `import netwright` offers, and what it costs."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import netwright
import netwright.errors

NAMES = {
    "__version__",
    "Data",
    "Ensemble",
    "Finding",
    "Graph",
    "Predictions",
    "Recipe",
    "Run",
    "Scores",
    "Study",
    "Summary",
    "Task",
    "blocks",
    "check",
    "compare",
    "design",
    "evaluate",
    "export",
    "initialise",
    "load",
    "models",
    "predict",
    "summary",
    "tie",
    "train",
    "CallError",
    "CheckpointError",
    "DataError",
    "DesignError",
    "DivergenceError",
    "ExportError",
    "InfeasibleError",
    "NetwrightError",
    "RecipeError",
    "RunError",
    "ShapeError",
    "SpecError",
    "TrustError",
    "UnreadableError",
    "UsageError",
    "WindowError",
}
"""The names that Netwright promises. A change of this set is a change that users see."""


def test_the_public_names_are_exactly_the_promised_ones():
    assert set(netwright.__all__) == set(dir(netwright)) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES - {"__version__"}))
def test_a_public_name_is_the_object_of_that_name(name: str):
    value = getattr(netwright, name)
    expected = f"netwright.{name}" if inspect.ismodule(value) else name
    assert value.__name__ == expected


def test_every_error_is_public():
    errors = {name for name, _ in inspect.getmembers(netwright.errors, inspect.isclass)}
    assert errors == {name for name in NAMES if name.endswith("Error")}


def test_the_typed_example_uses_every_public_name():
    """`make test` runs mypy on the example, so a type checker sees every name."""
    text = (Path(__file__).parent / "typed.py").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"nw.{name}" not in text] == []


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(AttributeError, match=r"no attribute 'lode'; it has .*load"):
        _ = netwright.lode


@pytest.mark.parametrize(
    "code",
    [
        "import netwright",
        "import netwright.cli.main",
        "import netwright.arithmetic.shape",
        "import netwright as nw; nw.UsageError; nw.blocks; nw.models; nw.design.encoder",
    ],
)
def test_torch_is_not_imported_before_it_is_needed(code: str):
    check = f"{code}; import sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
