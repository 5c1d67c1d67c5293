"""Manual pages."""

from pathlib import Path

import pytest

from netwright.lint.page import Page, documents, publish
from netwright.lint.rule import Rule, rules

TEXT = """A title.

What. It looks
for this.

Why. Because.

Instead.

    do(this)

    and(that)
"""


def test_a_page_is_read_from_the_file_s_text():
    page = Page(Rule("error", script=lambda script: [], code="NW999", name="some-thing", page=TEXT))
    assert (page.title, page.what) == ("A title.", "It looks for this.")
    assert page.head == "NW999 some-thing · error · looks at the script · fix: manual"
    assert "```python\ndo(this)\n\nand(that)\n```" in page.markdown()
    assert page.text().startswith(page.head)


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
    assert len(Page.of(rules()[code]).parts["Why"].split()) > 20
