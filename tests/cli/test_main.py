"""The command's entry point."""

import sys
import warnings

import pytest

from netwright.cli import main
from netwright.plugins import PluginWarning


def test_help_lists_the_commands(netwright):
    outcome = netwright("--help")
    assert outcome.returncode == 0
    commands = {line.split()[1] for line in outcome.stdout.splitlines() if line.startswith("│ ")}
    assert commands >= {
        "check",
        "compare",
        "design",
        "diff",
        "models",
        "parameters",
        "rule",
        "summary",
        "train",
    }


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


def test_a_warning_about_a_plug_in_is_one_line_on_standard_error(monkeypatch, capsys):
    """The rest of the command runs, even where Python turns warnings into errors."""
    said = "`deep` of acme-nets 1.2 (netwright.models) is left out: " + "x" * 200

    def command(*_, **__):
        warnings.warn(said, PluginWarning, stacklevel=1)
        sys.stdout.write("result\n")

    monkeypatch.setattr(main, "app", command)
    with pytest.raises(SystemExit) as ended:
        main.main()
    outcome = capsys.readouterr()
    assert (ended.value.code, outcome.out, outcome.err) == (0, "result\n", f"warning: {said}\n")


def test_a_warning_of_ours_is_one_line_without_the_place_that_raised_it(monkeypatch, capsys):
    def command(*_, **__):
        warnings.warn_explicit("no mask has 77", UserWarning, main.__file__, 1)

    monkeypatch.setattr(main, "app", command)
    with warnings.catch_warnings(action="default"), pytest.raises(SystemExit):
        main.main()
    assert capsys.readouterr().err == "warning: no mask has 77\n"


def test_other_warnings_are_shown_as_usual(monkeypatch):
    monkeypatch.setattr(main, "app", lambda *_, **__: warnings.warn("an old name", UserWarning, stacklevel=1))
    with pytest.warns(UserWarning, match="an old name"), pytest.raises(SystemExit):
        main.main()
