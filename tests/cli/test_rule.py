"""`netwright rule`."""

import json

import pytest

from netwright import __version__
from netwright.lint.catalogue import rules


def test_a_page_is_printed_by_code_or_name(netwright):
    outcome = netwright("rule", "nw703")
    assert outcome.returncode == 0
    assert outcome.stdout.startswith("NW703 parameter-ignored · error")
    assert "Instead." in outcome.stdout
    assert netwright("rule", "parameter-ignored").stdout == outcome.stdout


def test_the_list_has_every_rule(netwright):
    rows = json.loads(netwright("rule", "--json").stdout)
    listed = netwright("rule").stdout
    assert len(rows) > 10
    assert all(row["code"] in listed for row in rows)


def test_an_unknown_rule_is_one_message(netwright):
    outcome = netwright("rule", "NW999")
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("error: there is no rule `NW999`")


def test_pages_are_written(netwright, tmp_path):
    assert netwright("rule", "--write", str(tmp_path / "rules")).returncode == 0
    assert (tmp_path / "rules" / "NW703.md").read_text().startswith("# NW703 parameter-ignored")


PAGE = '"""A kernel is too small.\n\nWhat. A line.\n\nWhy. Acme says so.\n\nInstead. Delete it.\n"""\n'
RULE = PAGE + "from netwright.lint.rule import Rule\nRULE = Rule('info', script=lambda script: [])\n"


@pytest.fixture
def acme(installed):
    """A function that installs one rule of acme-nets 1.2."""

    def install(source: str) -> None:
        installed(source, "acm101_tiny_kernel", rules="ACM101 = acm101_tiny_kernel")
        rules.cache_clear()

    yield install
    rules.cache_clear()


def test_the_list_and_the_page_say_whose_a_rule_is(netwright, acme):
    acme(RULE)
    packages = {row["code"]: row["package"] for row in json.loads(netwright("rule", "--json").stdout)}
    assert (packages["ACM101"], packages["NW101"]) == ("acme-nets 1.2", f"netwright {__version__}")
    assert "acme-nets" in netwright("rule").stdout
    page = netwright("rule", "ACM101").stdout
    assert page.startswith("ACM101 tiny-kernel · info · looks at the script · fix: manual · acme-nets 1.2\n")


def test_a_rule_that_fails_is_one_line_for_a_whole_folder(netwright, acme, tmp_path):
    acme(RULE.replace("[]", "1 / 0"))
    (tmp_path / "scripts").mkdir()
    for name in ("a.py", "b.py"):
        (tmp_path / "scripts" / name).write_text("x = 1\n")
    outcome = netwright("check", str(tmp_path / "scripts"))
    assert (outcome.returncode, outcome.stdout) == (0, "")
    first, second = outcome.stderr.splitlines()
    assert first.startswith(
        "warning: the rule ACM101 of acme-nets 1.2 failed, so its findings are missing: Zero"
    )
    assert second == "nothing found"
