"""Entry points of other packages are loaded, named after their package, and left out when they are broken."""

import pytest

from netwright.plugins import PluginWarning, accept, plugins


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
        ("def", "SyntaxError: invalid syntax"),
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
