"""A checkpoint comes back whole or is refused with what is wrong."""

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch import nn

from netwright.errors import CheckpointError
from netwright.training import checkpoint
from netwright.training.checkpoint import MODEL, STATE, flatten, read, unflatten, write

WEIGHTS = {"a": torch.arange(6.0).view(2, 3), "b": torch.tensor(3)}
STATE_TREE = {
    "step": 5,
    "optimizer": {"state": {0: {"momentum": torch.ones(3)}}, "list": [1, None, True, "x"]},
}


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "5", "mine", WEIGHTS, STATE_TREE)
    return tmp_path / "5"


def test_weights_and_state_come_back(folder):
    weights, state = read(folder, "mine")
    assert all(torch.equal(weights[name], WEIGHTS[name]) for name in WEIGHTS)
    assert torch.equal(state["optimizer"]["state"][0].pop("momentum"), torch.ones(3))
    assert state == {"step": 5, "optimizer": {"state": {0: {}}, "list": [1, None, True, "x"]}}


def test_the_weights_file_is_plain_safetensors(folder):
    assert set(load_file(folder / MODEL)) == {"a", "b"}


@pytest.mark.parametrize("name", [MODEL, STATE, "state.json"])
def test_a_truncated_file_is_refused_by_name(folder, name):
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[:-3])
    with pytest.raises(CheckpointError, match=rf"{name}.* is truncated"):
        read(folder, "mine")


@pytest.mark.parametrize("name", [MODEL, STATE, "state.json"])
def test_one_flipped_bit_is_refused_by_name(folder, name):
    data = bytearray((folder / name).read_bytes())
    place = data.index(b'"step": 5') + 8 if name == "state.json" else len(data) - 1
    data[place] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(CheckpointError, match=rf"{name}.* altered"):
        read(folder, "mine")


@pytest.mark.parametrize("name", [MODEL, STATE, "state.json"])
def test_a_missing_file_is_refused_by_name(folder, name):
    (folder / name).unlink()
    with pytest.raises(CheckpointError, match=rf"{name}.* cannot be read"):
        read(folder, "mine")


def test_a_checkpoint_of_another_run_is_refused(folder):
    with pytest.raises(CheckpointError, match="another run"):
        read(folder, "yours")


def test_a_file_from_another_checkpoint_of_the_same_run_is_refused(folder, tmp_path):
    write(tmp_path / "6", "mine", {"a": torch.zeros(2, 3), "b": torch.tensor(4)}, STATE_TREE)
    (folder / MODEL).write_bytes((tmp_path / "6" / MODEL).read_bytes())
    with pytest.raises(CheckpointError, match="altered"):
        read(folder, "mine")


@pytest.mark.parametrize("text", ["[]", "{}", "null", '{"about": 1, "seal": 2}', "\xff"])
def test_json_that_is_not_a_state_is_refused(folder, text):
    (folder / "state.json").write_text(text, encoding="latin-1")
    with pytest.raises(CheckpointError, match=r"state\.json"):
        read(folder, "mine")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "one"),
        ("run", None),
        ("files", {}),
        ("files", {MODEL: {"bytes": "all"}}),
        ("state", []),
        ("state", {"step": {"#tensor": "nowhere"}}),
        ("state", {"step": {"#tensor": []}}),
        ("state", {"step": {"#pairs": [[{}, 1]]}}),
        ("state", {"step": {"#pairs": 3}}),
    ],
)
def test_a_sealed_text_of_somebody_else_is_refused(folder, key, value):
    """The seal finds accidents; whoever writes a file can seal it too."""
    about = json.loads((folder / "state.json").read_text())["about"] | {key: value}
    seal = checkpoint.sha256(json.dumps(about).encode()).hexdigest()
    (folder / "state.json").write_text(json.dumps({"seal": seal, "about": about}))
    with pytest.raises(CheckpointError):
        read(folder, "mine")


def test_a_later_format_is_refused(folder, monkeypatch):
    sealed = json.loads((folder / "state.json").read_text())
    about = sealed["about"] | {"format": 2}
    seal = checkpoint.sha256(json.dumps(about).encode()).hexdigest()
    (folder / "state.json").write_text(json.dumps({"seal": seal, "about": about}))
    with pytest.raises(CheckpointError, match="format 2"):
        read(folder, "mine")


def test_leftovers_of_a_killed_writing_are_replaced(tmp_path):
    for name in (".5.partial", "5"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "junk").write_text("half")
    write(tmp_path / "5", "mine", WEIGHTS, STATE_TREE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["5"]
    assert not (tmp_path / "5" / "junk").exists()
    read(tmp_path / "5", "mine")


def test_tied_weights_are_stored(tmp_path):
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    net[1].weight = net[0].weight
    write(tmp_path / "1", "mine", net.state_dict(), {})
    weights, _ = read(tmp_path / "1", "mine")
    assert torch.equal(weights["0.weight"], weights["1.weight"])


def test_what_is_neither_tensor_nor_json_is_refused_by_its_path():
    with pytest.raises(CheckpointError, match=r"`a\.b` is a set"):
        flatten({"a": {"b": {1}}}, {})


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(alphabet="abc"), inner)
        | st.dictionaries(st.integers(), inner)
    ),
)


@settings(max_examples=30)
@given(TREES)
def test_any_tree_survives_json(tree):
    tensors: dict[str, torch.Tensor] = {}
    assert unflatten(json.loads(json.dumps(flatten(tree, tensors))), tensors) == tree
