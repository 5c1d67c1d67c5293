"""Targets of a command: files, folders and specs."""

import pytest

import netwright as nw
from netwright.errors import UsageError
from netwright.lint.target import is_script, scripts, source_of


def test_a_folder_gives_its_scripts_without_environments(tmp_path):
    for name in ("a.py", "sub/b.py", ".hidden/c.py", "env/lib/d.py", "__pycache__/e.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    assert [path.removeprefix(f"{tmp_path}/") for path in scripts(str(tmp_path))] == ["a.py", "sub/b.py"]
    assert is_script(str(tmp_path))
    assert not is_script("net.py:Net")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="has no Python file"):
        scripts(str(tmp_path / "empty"))


def test_a_script_needs_no_ending(tmp_path):
    file = tmp_path / "train"
    file.write_text("import torch\nw = torch.load('w.pt')\n")
    assert is_script(str(file))
    assert [finding.code for finding in nw.check(str(file))] == ["NW708"]


@pytest.mark.parametrize("target", ["", "a\0b", "~nobody/none", "x" * 5000])
def test_what_can_be_no_path_is_a_spec_that_names_nothing(target):
    assert not is_script(target)
    with pytest.raises(UsageError):
        nw.check(target, (3, 8, 8))


def test_the_source_of_a_spec_is_the_file_before_the_colon():
    assert source_of("pkg/net.py:Net(width=2)") == "pkg/net.py"
    assert source_of("timm.models:resnet18") == ""
