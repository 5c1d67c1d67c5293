"""Markdown and HTML show the same cells as the table."""

from html.parser import HTMLParser

from torch import nn

from netwright import summary
from netwright.analysis.markup import html, markdown
from netwright.analysis.table import grid

FOUND = summary(nn.Sequential(nn.Sequential(nn.Linear(1234, 2)), nn.ReLU()), (1234,))


def test_markdown_is_a_table_with_one_row_a_line():
    header, rule, *rows = [line for line in markdown(FOUND).splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in (header, rule, *rows)}) == 1
    assert len(rows) == len(grid(FOUND)[1])
    assert "---:" in rule
    assert any(row.startswith("| &nbsp;&nbsp;&nbsp;&nbsp;0 |") for row in rows)


def test_html_is_well_formed_and_escaped():
    class Tags(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open, self.cells = [], 0

        def handle_starttag(self, tag, attrs):
            self.open.append(tag)
            self.cells += tag == "td"

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    parser = Tags()
    parser.feed(html(FOUND))
    header, cells = grid(FOUND)
    assert parser.open == []
    assert parser.cells == len(header) * len(cells)
    assert "<b>" not in html(summary(nn.Linear(2, 2), (2,), name="<b>"))


def test_a_failure_stands_below():
    failing = summary(nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 2)), (2,))
    assert "nn.Linear(3, 2)" in markdown(failing)
    assert "nn.Linear(3, 2)" in html(failing)
