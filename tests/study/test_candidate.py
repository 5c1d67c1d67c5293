"""Designs before training: names, counts, and what is refused."""

import pytest
import torch
from torch import nn

from netwright.errors import SpecError, UsageError
from netwright.study.candidate import Candidate, candidates, slug


def linear() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))


def test_a_list_names_designs_by_their_specs():
    assert candidates(["mlp", "convnet"]) == [Candidate("mlp", "mlp"), Candidate("convnet", "convnet")]


def test_a_mapping_names_specs_and_functions():
    wide, own = candidates({"wide": "resnet20(width=32)", "own": linear})
    assert (wide.spec, own.spec) == ("resnet20(width=32)", "linear")


@pytest.mark.parametrize("designs", [[], {}, "resnet20", ["mlp", "mlp"], {"a": nn.Linear(1, 1)}, {"a": 3}])
def test_anything_but_designs_is_refused(designs):
    with pytest.raises(UsageError, match="design"):
        candidates(designs)


def test_counts_are_those_of_the_network_for_the_data():
    measured = Candidate("own", linear).measure((1, 8, 8), 10)
    assert (measured.params, measured.macs) == (650, 640)
    assert Candidate("mlp", "mlp(hidden=(8,))").measure((1, 8, 8), 10).params == 64 * 8 + 8 + 8 * 10 + 10


def test_measuring_leaves_the_random_state_alone():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    Candidate("own", linear).measure((1, 8, 8), 10)
    assert torch.equal(torch.rand(1), expected)


def test_an_unknown_spec_is_refused_before_training():
    with pytest.raises(SpecError, match="did you mean"):
        Candidate("resnt20", "resnt20").measure((1, 8, 8), 10)


def no_network() -> int:
    return 3


def zero() -> nn.Module:
    raise ZeroDivisionError("no width")


@pytest.mark.parametrize(
    ("build", "said"),
    [(no_network, "returned a int, not a"), (zero, "cannot be built: ZeroDivisionError: no")],
)
def test_a_function_that_gives_no_network_is_refused_by_the_name_of_its_design(build, said):
    with pytest.raises(UsageError, match=f"design `mine` {said}"):
        Candidate("mine", build).measure((1, 8, 8), 10)


def test_a_network_that_cannot_read_the_data_has_no_macs_but_is_not_refused():
    assert Candidate("narrow", lambda: nn.Linear(63, 10)).measure((1, 8, 8), 10).macs is None


def test_the_fingerprint_changes_with_structure_and_with_the_users_file(tmp_path):
    file = tmp_path / "own_net.py"
    source = (
        "from torch import nn\n\n\ndef net():\n    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))\n"
    )
    prints = []
    for text in (source, source, source + "# changed\n", source.replace("Linear(64, 10)", "LazyLinear(10)")):
        file.write_text(text)
        prints.append(Candidate("own", f"{file}:net").measure((1, 8, 8), 10).fingerprint)
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3


@pytest.mark.parametrize(
    "name", ["resnet(depth=56)", "../up", "a/b", "", ".", "ä" * 300, "a b", "net.py:Net"]
)
def test_any_name_makes_a_folder_of_its_own(name):
    folder = slug(name)
    assert not set(folder) & {"/", "\\", ":", "@"}
    assert folder not in {"", ".", ".."}
    assert len(folder) < 80
    assert folder != slug(name + "_")


def test_names_that_read_alike_are_kept_apart():
    assert slug("a/b") != slug("a b")
