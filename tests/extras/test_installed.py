"""The optional dependencies: skipped by name where one is missing, required by `make test-extras`."""

import importlib
import os
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]


MODULES = {"scikit-image": "skimage"}
"""The modules of packages that have another name."""


@pytest.mark.parametrize("extra", sorted(EXTRAS.keys() - {"dev"}))
def test_the_packages_of_an_extra_can_be_imported(extra: str):
    for requirement in EXTRAS[extra]:
        package = requirement.split(">=")[0]
        if os.environ.get("NETWRIGHT_EXTRAS") == "required":
            importlib.import_module(MODULES.get(package, package))
        else:
            pytest.importorskip(MODULES.get(package, package))


def pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text("utf-8").splitlines()
    return {
        name.lower().replace("_", "-"): version for name, _, version in (x.partition("==") for x in lines)
    }


def test_both_environments_pin_the_same_versions_but_of_what_the_extras_cannot_share():
    """trackio needs an older pillow, and mlflow an older pyarrow, than the project is tested with."""
    ours, theirs = pins("constraints.txt"), pins("constraints-extras.txt")
    different = {name for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]}
    assert different == {"pillow", "pyarrow"}
