"""Entry points of other packages are loaded, named after their package, and left out when they are broken."""

import sys
from pathlib import Path

import pytest

from netwright.plugins import PluginWarning, accept, plugins


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that installs a distribution with the given source and entry points."""

    def install(source: str, **groups: str) -> None:
        (tmp_path / "acme_nets.py").write_text(source)
        info = tmp_path / "acme_nets-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-nets\nVersion: 1.2\n")
        lines = [f"[netwright.{group}]\n{point}\n" for group, point in groups.items()]
        (info / "entry_points.txt").write_text("\n".join(lines))

    plugins.cache_clear()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "acme_nets", raising=False)
    yield install
    plugins.cache_clear()


def test_an_object_of_another_package_comes_with_its_name_and_package(installed):
    installed("answer = 42", models="deep = acme_nets:answer")
    (plugin,) = plugins("models")
    assert (plugin.name, plugin.package, plugin.value) == ("deep", "acme-nets 1.2", 42)
    assert plugins("rules") == ()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nothing_of_this_name", "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        ("other = 1", "AttributeError: .* has no attribute 'answer'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def broken(:", "SyntaxError: invalid syntax"),
    ],
)
def test_a_broken_package_is_one_warning_and_stops_nothing(installed, source: str, reason: str):
    installed(source, models="deep = acme_nets:answer", rules="ABC101 = acme_nets:missing")
    with pytest.warns(
        PluginWarning, match=f"`deep` of acme-nets 1.2 .netwright.models. is left out: {reason}"
    ):
        assert plugins("models") == ()


def test_an_object_that_the_reader_of_its_group_refuses_is_left_out(installed):
    installed("answer = 42", models="deep = acme_nets:answer")

    def refuse(plugin) -> None:
        raise TypeError(f"{plugin.value} is not a network")

    with pytest.warns(PluginWarning, match="left out: TypeError: 42 is not a network"):
        accept("models", refuse)
