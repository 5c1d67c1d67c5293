"""`netwright rule`."""

import json


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
