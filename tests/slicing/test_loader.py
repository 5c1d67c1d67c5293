"""Parts of files as modules."""

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from netwright.slicing.loader import WHOLE, PartLoader, importable, whole_files

SCRIPT = """\
import sys
width = len(sys.argv)
net = [width]
print("trained")
"""


def load(path: Path, needed: str) -> tuple[ModuleType, PartLoader]:
    loader = PartLoader(path.stem, str(path), needed)
    module = ModuleType(path.stem)
    module.__loader__ = loader
    module.__spec__ = None
    code = loader.get_code(path.stem)
    assert code.co_filename == str(path)
    loader.exec_module(module)
    return module, loader


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    return path


def test_only_what_is_needed_is_executed_and_the_rest_is_mentioned_once(script: Path, capsys):
    module, _ = load(script, "net")
    assert module.net == [len(sys.argv)]
    load(script, "net")
    out, err = capsys.readouterr()
    assert (out, err) == ("", "left out line 4 of script.py; --run executes the whole file\n")


def test_without_a_name_the_whole_file_is_executed(script: Path, capsys):
    load(script, "")
    assert capsys.readouterr() == ("trained\n", "")


def test_whole_files_are_executed_where_they_are_asked_for(script: Path, capsys, monkeypatch):
    with whole_files(True):
        load(script, "net")
        with whole_files(False):
            assert os.environ[WHOLE]
    assert capsys.readouterr() == ("trained\n", "")
    assert WHOLE not in os.environ
    monkeypatch.setenv(WHOLE, "yes")
    with whole_files(True):
        assert os.environ[WHOLE]
    assert os.environ[WHOLE] == "yes"


def test_a_compiled_file_is_neither_read_nor_written(script: Path):
    load(script, "net")
    script.write_text(SCRIPT.replace("[width]", "[-3]"))
    assert load(script, "net")[0].net == [-3]
    assert sorted(path.name for path in script.parent.iterdir()) == ["script.py"]


def test_the_remark_on_an_exit_names_the_line_that_reads_the_command_line(script: Path):
    _, loader = load(script, "net")
    assert loader.remark(SystemExit(2)).startswith("line 2 reads the command line, which is empty here")
    assert loader.remark(ValueError()) == ""
    script.write_text("net = 3")
    assert load(script, "net")[1].remark(SystemExit(2)) == ""


def test_packages_are_found_without_being_imported(tmp_path: Path):
    (tmp_path / "neighbour_of_script.py").write_text("1 / 0")
    (tmp_path / "folder_of_script").mkdir()
    found = importable(tmp_path)
    assert all(map(found, ("neighbour_of_script", "folder_of_script", "sys", "json", "torch")))
    assert not found("no_such_package_anywhere")
    assert "neighbour_of_script" not in sys.modules
