"""Specs: text to module."""

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from netwright.errors import SpecError, TrustError
from netwright.spec import load, parse, remember, restore
from netwright.trace.record import record

FILE = """
import torch
from torch import nn
from helper_of_net import WIDTH

class Net(nn.Module):
    def __init__(self, width=WIDTH, *, deep: bool = False):
        super().__init__()
        self.layer = nn.Linear(width, 3)

class Nested:
    Inner = Net

ready = nn.Linear(5, 6)

def number():
    return 3
"""


@pytest.fixture
def net_file(tmp_path: Path) -> Path:
    (tmp_path / "helper_of_net.py").write_text("WIDTH = 7\n")
    path = tmp_path / "net.py"
    path.write_text(FILE)
    return path


def test_a_registered_name_builds_its_network():
    assert sum(p.numel() for p in load("resnet20").parameters()) == 269_722


def test_arguments_reach_the_family_and_text_stands_for_parts():
    net = load('resnet(depth=29, block="bottleneck", shortcut="B", classes=4)')
    assert sum(isinstance(m, nn.Conv2d) for m in net.modules()) == 28 + 3
    assert net(torch.zeros(2, 3, 32, 32)).shape == (2, 4)


def test_data_gives_channels_and_classes_where_the_spec_does_not():
    assert load("resnet20", input=(1, 8, 8), classes=7)(torch.zeros(2, 1, 8, 8)).shape == (2, 7)
    assert load("convnet", input=(1, 8, 8), classes=7)(torch.zeros(2, 1, 8, 8)).shape == (2, 7)
    assert load("resnet20(classes=3)", input=(1, 8, 8), classes=7)(torch.zeros(2, 1, 8, 8)).shape == (2, 3)


def test_an_argument_may_override_what_a_name_binds():
    assert sum(isinstance(m, nn.Conv2d) for m in load("resnet20(depth=32)").modules()) == 31


def test_a_class_in_a_file_beside_its_own_helper(net_file: Path):
    assert load(f"{net_file}:Net").layer.in_features == 7
    assert load(f"{net_file}:Net(width=2)").layer.in_features == 2
    assert load(f"{net_file}:Net(2, deep=True)").layer.in_features == 2
    assert load(f"{net_file}:Nested.Inner").layer.in_features == 7


def test_a_module_object_in_a_file_is_taken_as_it_is(net_file: Path):
    assert load(f"{net_file}:ready").out_features == 6


def test_a_module_object_takes_no_arguments(net_file: Path):
    with pytest.raises(SpecError, match="`ready` is a network already and takes no arguments"):
        load(f"{net_file}:ready(3)")


def test_a_function_that_does_not_return_a_network_is_refused(net_file: Path):
    with pytest.raises(SpecError, match=r"yields a int, not a torch\.nn\.Module"):
        load(f"{net_file}:number")


def test_two_files_of_one_name_are_kept_apart(tmp_path: Path):
    for folder, size in (("a", 2), ("b", 3)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "net.py").write_text(
            f"from torch import nn\ndef net(): return nn.Linear({size}, 1)\n"
        )
    assert [load(f"{tmp_path}/{folder}/net.py:net").in_features for folder in "ab"] == [2, 3]


def test_a_spec_may_name_an_installed_package():
    assert load("torch.nn:Linear(4, out_features=2)").out_features == 2


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("resnet21", r"no model is called `resnet21`; did you mean .*resnet20"),
        ("zzzzzz", r"no model is called `zzzzzz`; `netwright models` lists"),
        (
            "resnet20(dept=20)",
            r"unexpected keyword argument 'dept'; it takes resnet20\(depth, \*, block=Basic, ",
        ),
        ("resnet(block='basic')", r"missing a required argument: 'depth'; it takes"),
        ("resnet(depth=21)", r"`depth` \(=21\) must be 6n \+ 2; the nearest are 20 and 26"),
        ("resnet20(block='fat')", r"`block` of resnet20 is 'fat'; it can be 'basic', 'bottleneck'"),
        ("resnet20(depth=__import__('os'))", "arguments must be literals"),
        ("resnet20(depth=2**9**9)", "arguments must be literals"),
        ("resnet20(**{'depth': 20})", "arguments must be literals"),
        ("resnet20(depth=20)(3)", "arguments must be literals"),
        ("resnet20(depth=20", "arguments must be literals"),
        ("", "write the name of a model, or FILE.py:NAME"),
        ("no such name", "write the name of a model, or FILE.py:NAME"),
        ("nowhere.py:Net", "there is no file `nowhere.py`"),
        ("x" * 5000 + ".py:Net", "there is no file"),
        ("no_such_package:Net", "`no_such_package` cannot be imported"),
        ("torch.nn:Linnear", "`torch.nn` has no `Linnear`; it has .*Linear"),
        ("math:floor(2.5)", "`math` belongs to the standard library"),
        ("net.py:Net.__init__", "names with two leading underscores are Python's own"),
        ("package.__main__:Net", "names with two leading underscores are Python's own"),
        ("a\0b.py:Net", "has a control character in it"),
        ("a\x1b[2Jb.py:Net", "has a control character in it"),
        ("two words.package:Net", "write the name of a model, or FILE.py:NAME"),
        (
            "torch.nn:Conv2d(3, 4, 3, groups=2)",
            r"cannot be built: ValueError: in_channels must be .*conv.py:\d+",
        ),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_remedy(spec: str, message: str):
    with pytest.raises(SpecError, match=message):
        load(spec)


def test_a_wrong_name_in_a_file_lists_what_is_there(net_file: Path):
    with pytest.raises(SpecError, match=r"has no `Nett`; it has .*Net"):
        load(f"{net_file}:Nett")


@pytest.mark.parametrize(
    "text",
    [
        "def broken(:\n",
        "from no_such_module_anywhere import Net\n",
        "Net = 1 / 0\n",
        "Net = undefined\n",
        "\0",
    ],
)
def test_a_file_that_does_not_load_says_why(tmp_path: Path, text: str):
    (tmp_path / "bad.py").write_text(text)
    with pytest.raises(SpecError, match=r"bad.py` cannot be loaded: "):
        load(f"{tmp_path}/bad.py:Net")


def test_a_spec_is_split_into_home_name_and_literals():
    spec = parse("a/b c.py:Net((1, 2), name='x:y')")
    assert (spec.home, spec.name, spec.args, spec.options) == ("a/b c.py", "Net", ((1, 2),), {"name": "x:y"})


def test_a_file_without_the_name_of_a_network_is_refused():
    with pytest.raises(SpecError, match=r"`net.py` is a file: name the network in it, as in net.py:Net"):
        load("net.py")


def test_a_call_is_the_same_for_every_spelling_of_its_arguments():
    assert parse("net.py:Net(2, a=1, b='x')").call == parse('./net.py:Net( 2,b="x", a = 1)').call
    assert parse("net.py:Net(2)").call != parse("net.py:Net(3)").call


HOSTILE = """
from pathlib import Path
from torch import nn
class Net(nn.ReLU):
    Path(__file__).with_name("harm").touch()
"""


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A file that leaves another one beside it when it is imported."""
    path = tmp_path / "hostile.py"
    path.write_text(HOSTILE)
    return path


def test_a_registered_name_out_of_a_file_is_built_at_once():
    assert sum(p.numel() for p in restore("resnet20(classes=10)").parameters()) == 269_722
    assert restore("resnet20", input=(1, 8, 8), classes=7)(torch.zeros(2, 1, 8, 8)).shape == (2, 7)


def test_unknown_code_out_of_a_file_is_not_imported(hostile: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(hostile.parent)
    before = set(sys.modules)
    with pytest.raises(TrustError, match=r"`hostile\.py` that is not known.*then give trust=True"):
        restore("hostile.py:Net")
    assert set(sys.modules) == before
    assert not (hostile.parent / "harm").exists()


def test_a_package_out_of_a_file_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "hostile_package"
    (package / "nets").mkdir(parents=True)
    for folder in (package, package / "nets"):
        (folder / "__init__.py").write_text(HOSTILE)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(TrustError, match=r"runs code of `hostile_package\.nets`"):
        restore("hostile_package.nets:Net")
    assert not any(name.startswith("hostile_package") for name in sys.modules)
    assert list(tmp_path.rglob("harm")) == []


def test_whoever_trusts_the_source_has_it_built(hostile: Path):
    assert isinstance(restore(f"{hostile}:Net", trust=True), torch.nn.ReLU)
    assert (hostile.parent / "harm").exists()


def test_what_was_remembered_is_built_until_its_source_changes(net_file: Path):
    spec = f"{net_file}:Net(width=2)"
    remember(spec)
    assert restore(spec).layer.in_features == 2
    for other in (f"{net_file}:Net(width=3)", f"{net_file}:Nested.Inner(width=2)", f"{net_file}:number"):
        with pytest.raises(TrustError):
            restore(other)
    (net_file.parent / "helper_of_net.py").write_text("WIDTH = 8\n")
    with pytest.raises(TrustError, match="its source has changed since"):
        restore(spec)


@pytest.mark.parametrize("spec", ["os:system('touch harm')", "builtins:eval('1')", "torch:load('x.pt')"])
def test_even_trusted_a_function_of_a_library_is_not_called(spec: str, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError, match=r"belongs to the standard library|is a function of torch"):
        restore(spec, trust=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("spec", ["os:system('touch harm')", "antigravity:Net", "no_such_package:Net"])
def test_out_of_a_file_nothing_of_a_library_is_imported(spec: str):
    before = set(sys.modules)
    with pytest.raises(SpecError):
        restore(spec)
    assert set(sys.modules) == before


SCRIPT = """
import argparse
import torch
from torch import nn
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--width", type=int, default=3)
args = parser.parse_args()

net = nn.Sequential(
    nn.Linear(args.width, 4),
    nn.Linear(4, 2),
).cuda()
net.to(torch.device("cuda"))

Path(__file__).with_name("trained").touch()
for step in range(2000):
    net(torch.rand(3)).sum().backward()
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script without a guard; this process has a command line that the script would not understand."""
    monkeypatch.setattr(sys, "argv", ["netwright", "--no-such-option"])
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available=False: None)
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    return path


def test_a_script_is_not_trained_to_have_its_network(script: Path, capsys: pytest.CaptureFixture):
    net = load(f"{script}:net")
    assert net[0].in_features == 3
    assert net[0].weight.grad is None
    assert sys.argv == ["netwright", "--no-such-option"]
    assert not (script.parent / "trained").exists()
    assert capsys.readouterr().err == "left out lines 17-19 of script.py; --run executes the whole file\n"


def test_the_whole_file_is_executed_where_it_is_asked_for(script: Path, capsys: pytest.CaptureFixture):
    script.write_text(SCRIPT.replace("2000", "2"))
    assert load(f"{script}:net", whole=True)[0].weight.grad is not None
    assert (script.parent / "trained").exists()
    assert capsys.readouterr().err == ""


def test_the_layers_of_a_script_know_their_lines(script: Path):
    built = [record(load(f"{script}:net"), (3,)).modules[path].built for path in ("0", "1")]
    assert [(line.line, line.column) for line in built] == [(12, 5), (13, 5)]


def test_an_option_without_a_default_is_explained(script: Path):
    script.write_text(SCRIPT.replace("default=3", "required=True"))
    reason = "line 9 reads the command line, which is empty here, and exits; every option that the network"
    with pytest.raises(SpecError, match=reason):
        load(f"{script}:net")
