"""NW713: arguments that torch does not take."""

import pytest

from programs import findings, program, script

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"


def test_a_keyword_that_is_a_slip_away_from_one_argument_is_fixed_safely():
    bad = program("NW713", "bad")
    edited = [finding for finding in findings(bad, select=["NW713"]) if finding.fix.edits]
    assert all(finding.fix.safe for finding in edited)
    assert [finding.fix.edits[0].text for finding in edited] == [
        "kernel_size",
        "batch_first",
        "momentum",
        "dim",
        "dim",
        "align_corners",
    ]


def test_the_message_names_the_argument_and_what_the_function_takes():
    plateau, linear = findings(program("NW713", "bad"), select=["NW713"])[3:5]
    assert "has no argument `verbose`; it takes optimizer, mode, factor, patience" in plateau.message
    assert plateau.evidence["keyword"] == "verbose"
    assert "missing a required argument: 'out_features'" in linear.message


@pytest.mark.parametrize(
    "line",
    [
        "nn.Conv2d(3, 8, 3, in_channel=3)",
        "nn.Conv2d(3, 8, in_channel=3, kernelsize=3)",
        "nn.Linear(8, 8, biass=True, bias=True)",
        "nn.Linear(4, nothing_like_it=3)",
    ],
)
def test_nothing_is_renamed_where_the_call_would_still_fail(line, tmp_path):
    file = tmp_path / "train.py"
    file.write_text(HEAD + line + "\n")
    reported = findings(file, select=["NW713"])
    assert reported
    assert {finding.fix.kind for finding in reported} == {"manual"}


@pytest.mark.parametrize(
    "line",
    [
        "nn.Linear(*sizes)",
        "nn.Linear(4, **options)",
        "torch.save(net, path, _use_new_zipfile_serialization=False)",
        "torch.load(path, encoding='latin1')",
        "torch.sum(x, axis=0, keepdims=True)",
        "torch.no_grad(step)",
        "nn.Parameter(x, nothing=1)",
        "torch.add(x, 2, y)",
        "F.avg_pool2d(input=x, kernel_size=2)",
        "if torch.__version__ > '9':\n    nn.ReLU(slope=1)",
    ],
)
def test_what_may_be_taken_says_nothing(line):
    assert script(HEAD + line + "\n", "NW713") == []


def test_a_name_that_is_imported_from_two_places_is_not_judged():
    text = (
        "if new:\n    from torch import save\nelse:\n    from torch.jit import save\nsave(1, 2, nothing=3)\n"
    )
    assert script(text, "NW713") == []


@pytest.mark.parametrize("line", ["nn.Linear(*sizes, nothing=1)", "nn.ReLU(1, 2, **options)"])
def test_hidden_arguments_excuse_neither_an_unknown_keyword_nor_too_many_values(line):
    assert script(HEAD + line + "\n", "NW713") == [4]


def test_a_function_that_passes_other_keywords_on_still_has_misspelled_ones():
    assert script(HEAD + "torch.load(path, weights_ony=True)\n", "NW713") == [4]
    assert script(HEAD + "torch.load(path, weights_only=True, encoding='latin1')\n", "NW713") == []
