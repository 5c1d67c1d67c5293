"""Run and study folders of somebody else: reading them and loading their networks runs no code in them."""

import json
import shutil
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from netwright.errors import CheckpointError, NetwrightError, RunError, SpecError, TrustError
from netwright.study.compare import compare
from netwright.study.result import Study
from netwright.training.recipe import Recipe
from netwright.training.result import Run
from netwright.training.run import train
from tiny import data

RECIPE = Recipe(steps=2, batch=16, augment=())
HARM = """
from pathlib import Path
from netwright.models import mlp

def harm():
    Path(__file__).parent.joinpath("harm").touch()

harm()

def Net(**options):
    harm()
    return mlp(**options)
"""


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run whose spec is a registered name."""
    return train("mlp", data(), RECIPE, out=tmp_path_factory.mktemp("honest")).folder


@pytest.fixture
def folder(honest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the run, with modules beside it that leave a file where they are imported."""
    shutil.copytree(honest, tmp_path / "run")
    (tmp_path / "run" / "net.py").write_text(HARM)
    (tmp_path / "run" / "planted").mkdir()
    (tmp_path / "run" / "planted" / "__init__.py").write_text(HARM)
    monkeypatch.chdir(tmp_path / "run")
    monkeypatch.syspath_prepend(str(tmp_path / "run"))
    return tmp_path / "run"


def write_spec(folder: Path, spec: str) -> None:
    about = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(about | {"spec": spec}))


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        ("os:system('touch harm')", SpecError),
        ("builtins:exec('open(\\'harm\\', \\'w\\')')", SpecError),
        ("subprocess:run(['touch', 'harm'])", SpecError),
        ("torch:load('model.safetensors')", SpecError),
        ("torch.hub:load('somebody/nets', 'net')", SpecError),
        ("net.py:Net", TrustError),
        ("./net.py:Net(hidden=())", TrustError),
        ("{folder}/net.py:Net", TrustError),
        ("net.py:Path.touch('harm')", TrustError),
        ("planted:Net", TrustError),
        ("planted.nets:Net", TrustError),
        ("net.py:Net.__init__.__globals__", SpecError),
        ("../run/net.py:Net", TrustError),
        ("mlp(hidden=__import__('os').system('touch harm'))", SpecError),
    ],
)
def test_a_spec_of_a_run_imports_and_calls_nothing(folder: Path, spec: str, error: type[NetwrightError]):
    write_spec(folder, spec.replace("{folder}", str(folder)))
    run, before = Run.read(folder), set(sys.modules)
    with pytest.raises(error) as caught:
        run.load()
    assert isinstance(caught.value, TrustError) == (error is TrustError) or spec.startswith("torch")
    assert {name for name in set(sys.modules) - before if not name.startswith("torch")} == set()
    assert not list(folder.rglob("harm"))


def test_a_digest_in_the_folder_is_not_evidence(folder: Path):
    from netwright.trust import digest

    write_spec(folder, "net.py:Net")
    about = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(about | {"trusted": True, "digest": digest("net.py")}))
    with pytest.raises(TrustError):
        Run.read(folder).load()
    assert not (folder / "harm").exists()


def test_whoever_trusts_it_runs_it(folder: Path):
    write_spec(folder, "net.py:Net(channels=1, size=8)")
    assert sum(p.numel() for p in Run.read(folder).load(trust=True).parameters()) == Run.read(folder).params
    assert (folder / "harm").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets only some users make links")
@pytest.mark.parametrize("name", ["checkpoints", "metrics.jsonl", "tensorboard", ".lock"])
def test_resuming_writes_through_no_link(folder: Path, tmp_path: Path, name: str):
    """Old checkpoints are removed and metrics are cut: through a link those would be the user's own files."""
    own = tmp_path / "own"
    (own / "7").mkdir(parents=True)
    (own / "thesis.tex").write_text("precious\n")
    about = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(about | {"state": "running"}))
    if (folder / name).is_dir():
        shutil.rmtree(folder / name)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(own if name in ("checkpoints", "tensorboard") else own / "thesis.tex")
    with pytest.raises(RunError, match="is a symbolic link"):
        train("mlp", data(), RECIPE, out=folder, resume=True)
    assert sorted(path.name for path in own.iterdir()) == ["7", "thesis.tex"]
    assert (own / "thesis.tex").read_text() == "precious\n"


@pytest.mark.parametrize(
    "harm",
    [
        {"optimizer": {}},
        {"losses": "none"},
        {"random": {}},
        {"step": "many"},
        {"metrics": None},
        {"batch": 10**9},
    ],
)
def test_resuming_from_a_sealed_state_of_somebody_else_is_refused(folder: Path, harm: dict):
    about = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(about | {"state": "running"}))
    step = json.loads((folder / "checkpoints" / "index.json").read_text())["last"]
    path = folder / "checkpoints" / str(step) / "state.json"
    sealed = json.loads(path.read_text())["about"]
    sealed["state"] |= harm
    seal = sha256(json.dumps(sealed).encode()).hexdigest()
    path.write_text(json.dumps({"seal": seal, "about": sealed}))
    with pytest.raises(CheckpointError, match=r"does not fit this run: .*train in a new folder"):
        train("mlp", data(), RECIPE, out=folder, resume=True)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ({"monitor": "beauty"}, "epoch 1 lacks a metric"),
        ({"recipe": {"self": 1}}, "a recipe has no `self`"),
        ({"recipe": {"optimizer": 3}}, "does not describe a run: `optimizer`"),
    ],
)
def test_a_run_that_contradicts_itself_is_refused_when_it_is_read(folder: Path, harm: dict, said: str):
    about = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(about | harm))
    with pytest.raises(RunError, match=said):
        Run.read(folder)


@pytest.mark.usefixtures("workers_in_process")
def test_a_study_that_names_code_is_read_and_extended_without_running_it(folder: Path, tmp_path: Path):
    """A study goes on with the designs of the call; those in its file are only shown."""
    place = tmp_path / "study"
    compare(["mlp"], data(), RECIPE, seeds=1, out=place, jobs=1)
    facts = json.loads((place / "study.json").read_text())
    (hostile,) = json.loads(json.dumps(facts["designs"]))
    hostile |= {"name": "bad", "spec": "net.py:Net", "source": "net.py:Net", "trials": []}
    (place / "study.json").write_text(json.dumps(facts | {"designs": [*facts["designs"], hostile]}))
    study = Study.read(place)
    assert [design.spec for design in study.designs] == ["mlp", "net.py:Net"]
    compare(["mlp"], data(), RECIPE, seeds=1, out=place, jobs=1)
    assert not list(folder.rglob("harm"))
    assert not list(place.rglob("harm"))
