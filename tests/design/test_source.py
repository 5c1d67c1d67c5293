"""Solutions as text."""

import subprocess
import sys

import pytest

from netwright.design import autoencoder, decoder, encoder

PLANS = {
    "encoder": lambda: encoder((3, 32, 64), (1024, 1, 1), layers=6),
    "decoder": lambda: decoder((128, 1, 1), (3, 45, 45)),
    "everything": lambda: autoencoder(
        (3, 32, 48), (1024, 2, 3), layers=4, residuals=1, groups=8, bottleneck=2
    ),
    "series": lambda: autoencoder((1, 4096), (128, 4)),
    "oblong with groups": lambda: encoder((128, 32, 8), (1024, 4, 2), layers=3, groups=128),
}


@pytest.fixture(params=PLANS, scope="module")
def text(request) -> str:
    return PLANS[request.param]().source()


def ruff(text: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ruff", *words, "--isolated", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_the_text_is_as_ruff_formats_it(text):
    assert ruff(text, "format").stdout == text


def test_the_text_passes_ruff_s_checks(text):
    outcome = ruff(text, "check", "--select", "E,F,I,W,UP,B,D1", "--ignore", "D105,D107,D102")
    assert outcome.returncode == 0, outcome.stdout


def test_the_text_needs_nothing_but_torch(text):
    imports = {line for line in text.splitlines() if line.startswith(("import", "from"))}
    assert imports <= {
        "from collections import OrderedDict",
        "from torch import nn",
        "from torch import Tensor, nn",
    }
    assert "netwright" not in text


def test_every_layer_says_its_shapes_and_the_top_says_the_totals():
    solution = PLANS["encoder"]()
    text = solution.source()
    assert text.count("            # ") == 6
    assert f"{solution.params:,} parameters" in text.split('"""')[1]
