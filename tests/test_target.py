"""What a spec may name: networks and what makes them, never a function of somebody else."""

import sysconfig
from pathlib import Path

import pytest
import torch
from torch import nn

from netwright.errors import SpecError
from netwright.target import refuse_library, resolve

FILE = """
import functools
import os
import shutil
import subprocess
from shutil import rmtree
from subprocess import run

import torch
from torch import nn
from beside_target import borrowed
from package_beside_target import packed
from namespace_of_target.part import spaced

class Net(nn.Module):
    @classmethod
    def small(cls):
        return cls()

    @torch.no_grad()
    def forward(self, x):
        return x

    @property
    def harm(self):
        raise ValueError("no harm done")

def make():
    return Net()

@torch.no_grad()
def wrapped():
    return Net()

short = lambda: Net()
ready = nn.Sequential(Net())
raising = ready[0]

class Factory:
    def __call__(self):
        return Net()

    def __new__(cls, *args):
        return super().__new__(cls)

instance = Factory()
method = instance.__call__
part = functools.partial(rmtree, "/nowhere")
cached = functools.lru_cache(make)
system = os.system
loader = torch.load
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    tmp_path = tmp_path_factory.mktemp("target")
    (tmp_path / "beside_target.py").write_text("def borrowed(): pass\n")
    for name in ("package_beside_target", "namespace_of_target"):
        (tmp_path / name).mkdir()
    (tmp_path / "package_beside_target" / "__init__.py").write_text("from .inner import packed\n")
    (tmp_path / "package_beside_target" / "inner.py").write_text("def packed(): pass\n")
    (tmp_path / "namespace_of_target" / "part.py").write_text("def spaced(): pass\n")
    (tmp_path / "target.py").write_text(FILE)
    return str(tmp_path / "target.py")


@pytest.mark.parametrize(
    "name",
    ["Net", "Net.small", "make", "wrapped", "short", "ready", "nn.Linear", "borrowed", "packed", "spaced"],
)
def test_networks_and_functions_of_the_file_and_of_files_beside_it_are_taken(home: str, name: str):
    assert isinstance(resolve(home, name), nn.Module) or callable(resolve(home, name))


def test_a_part_of_a_module_object_is_a_network_too(home: str):
    assert type(resolve(home, "ready")[0]).__name__ == "Net"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("os.system", "is a function of posix|is a function of nt"),
        ("system", "is a function of posix|is a function of nt"),
        ("rmtree", "is a function of shutil"),
        ("run", "is a function of subprocess"),
        ("shutil.rmtree", "is a function of shutil"),
        ("subprocess.Popen", "is the class subprocess.Popen, not a subclass of torch.nn.Module"),
        ("loader", "is a function of torch.serialization"),
        ("torch.load", "is a function of torch.serialization"),
        ("torch.hub.load", "is a function of torch.hub"),
        ("nn.init.zeros_", "is a function of torch.nn.init"),
        ("Net.load_state_dict", "is a function of torch.nn.modules.module"),
        ("part", "is a partial, not a network"),
        ("cached", "is a _lru_cache_wrapper, not a network"),
        ("instance", "is a Factory, not a network"),
        ("method", "is a method, not a network"),
        ("Factory", "is the class .*Factory, not a subclass of torch.nn.Module"),
        ("make.func_globals", "a function has no networks in it"),
        ("instance.anything", "a Factory has no networks in it"),
        ("os", "is a module, not a network"),
        ("Net.harm", "is a property, not a network"),
        ("Nett", "has no `Nett`; it has Net"),
    ],
)
def test_everything_else_is_refused_with_the_reason(home: str, name: str, reason: str):
    with pytest.raises(SpecError, match=reason):
        resolve(home, name)


def test_what_an_attribute_raises_is_reported_with_its_line(home: str):
    with pytest.raises(SpecError, match=r"cannot be loaded: ValueError: no harm done \(.*target.py:\d+"):
        resolve(home, "raising.harm")


def test_a_function_of_another_installed_package_is_refused_and_of_the_named_one_taken():
    assert callable(resolve("einops", "rearrange"))
    assert callable(resolve("einops.layers.torch", "apply_for_scriptable_torch"))
    with pytest.raises(SpecError, match=r"is a function of torch\.functional"):
        resolve("torch", "einsum")
    with pytest.raises(SpecError, match=r"is a function of netwright\.durable"):
        resolve("netwright.durable", "replace")


def test_a_class_of_torch_is_a_network():
    assert resolve("torch.nn", "Linear") is nn.Linear
    assert resolve("torch", "nn.modules.Linear") is nn.Linear


@pytest.mark.parametrize(
    "home",
    [
        "os",
        "os.path",
        "builtins",
        "subprocess",
        f"{sysconfig.get_paths()['stdlib']}/shutil.py",
        torch.serialization.__file__,
        resolve.__code__.co_filename,
    ],
)
def test_a_library_is_refused_before_it_is_imported(home: str):
    with pytest.raises(SpecError, match="belongs to the standard library, to torch or to Netwright"):
        refuse_library(home)


def test_a_file_among_installed_packages_has_no_neighbours_to_call(tmp_path: Path, monkeypatch):
    """There every package stands beside the file, and none of them belongs to it."""
    (tmp_path / "neighbour_of_lone.py").write_text("def harm(): pass\n")
    (tmp_path / "lone.py").write_text("from neighbour_of_lone import harm\n")
    assert callable(resolve(f"{tmp_path}/lone.py", "harm"))
    paths = sysconfig.get_paths() | {"purelib": str(tmp_path)}
    monkeypatch.setattr(sysconfig, "get_paths", lambda: paths)
    with pytest.raises(SpecError, match="is a function of neighbour_of_lone"):
        resolve(f"{tmp_path}/lone.py", "harm")
