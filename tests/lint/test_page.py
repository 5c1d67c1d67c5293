"""Manual pages."""

from pathlib import Path

import pytest

from netwright.lint.catalogue import rules
from netwright.lint.page import documents, markdown, publish, text
from netwright.lint.rule import Rule

TEXT = """A title.

What. It looks
for this.

Why. Because.

Instead.

    do(this)

    and(that)
"""


def test_a_page_is_shown_as_text_and_as_markdown():
    rule = Rule(
        "error", script=lambda script: [], code="NW999", name="some-thing", page=TEXT, package="acme 1.2"
    )
    facts = "error · looks at the script · fix: manual"
    assert text(rule).startswith(f"NW999 some-thing · {facts} · acme 1.2\n\nA title.\n\nWhat. It looks")
    assert markdown(rule).startswith(f"# NW999 some-thing\n\n*{facts}*\n\nA title.\n\n**What.** It looks")
    assert "```python\ndo(this)\n\nand(that)\n```" in markdown(rule)
    command = Rule(
        "error", script=lambda script: [], page="A title.\n\nInstead.\n\n    netwright rule NW102\n"
    )
    assert markdown(command).endswith("**Instead.**\n\n```sh\nnetwright rule NW102\n```\n")


def test_the_published_pages_are_current():
    """`netwright rule --write docs/rules` writes them."""
    folder = Path(__file__).parents[2] / "docs" / "rules"
    assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == documents()


def test_every_rule_has_its_file(tmp_path):
    files = publish(tmp_path / "new")
    assert {path.stem for path in files} == {"README", *rules()}
    assert all(path.is_file() for path in files)


@pytest.mark.parametrize("code", list(rules()))
def test_the_page_names_evidence_or_says_what_happens(code):
    assert len(rules()[code].sections["Why"].split()) > 20
