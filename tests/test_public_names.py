"""What `import netwright` offers, and what it costs."""

import subprocess
import sys

import pytest

import netwright


def test_every_public_name_is_there():
    for name in netwright.__all__:
        assert getattr(netwright, name) is not None


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(AttributeError, match=r"no attribute 'lode'; it has .*load"):
        _ = netwright.lode


def test_dir_shows_the_public_names():
    assert {"load", "__version__"} <= set(dir(netwright))


@pytest.mark.parametrize(
    "code", ["import netwright", "import netwright.cli.main", "import netwright.arithmetic.shape"]
)
def test_torch_is_not_imported_before_it_must(code: str):
    check = f"{code}; import sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
