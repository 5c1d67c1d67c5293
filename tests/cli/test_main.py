"""The command's entry."""

import pytest


def test_help_lists_the_commands(netwright):
    outcome = netwright("--help")
    assert outcome.returncode == 0
    assert "models" in outcome.stdout


@pytest.mark.parametrize("words", [["modelz"], ["models", "--jsn"], ["models", "extra"]])
def test_wrong_use_is_one_message_and_exit_code_2(netwright, words):
    outcome = netwright(*words)
    assert outcome.returncode == 2
    assert outcome.stdout == ""
    assert outcome.stderr.startswith("error: ")
    assert len(outcome.stderr.strip().splitlines()) == 1


def test_the_version_is_the_package_s(netwright):
    from netwright import __version__

    assert netwright("--version").stdout.strip() == __version__
