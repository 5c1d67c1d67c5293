"""Markdown and HTML show the same cells as the table."""

from html.parser import HTMLParser

from torch import nn

from netwright import summary
from netwright.analysis.footer import footer
from netwright.analysis.markup import html, markdown
from netwright.analysis.table import grid

SUMMARY = summary(nn.Sequential(nn.Sequential(nn.Linear(1234, 2)), nn.ReLU()), (1234,))


def test_markdown_is_a_table_with_one_row_a_line():
    header, alignment, *rows = [line for line in markdown(SUMMARY).splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in (header, alignment, *rows)}) == 1
    assert len(rows) == len(grid(SUMMARY)[1])
    assert "---:" in alignment
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
    parser.feed(html(SUMMARY))
    header, cells = grid(SUMMARY)
    assert parser.open == []
    assert parser.cells == len(header) * len(cells) + 2 * len(footer(SUMMARY, 3))
    assert "<b>" not in html(summary(nn.Linear(2, 2), (2,), name="<b>"))


def test_a_failure_is_explained_below():
    failing = summary(nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 2)), (2,))
    assert "nn.Linear(3, 2)" in markdown(failing)
    assert "nn.Linear(3, 2)" in html(failing)


def test_marks_and_what_is_never_read_are_in_both():
    net = nn.Sequential(nn.Conv2d(1, 1, 3, dilation=2, stride=4), nn.GroupNorm(1, 1))
    dilated = summary(net, (1, 9, 9))
    for view in (markdown(dilated), html(dilated)):
        assert "∘2 †" in view
        assert "rows, columns 1, 3, 5" in view


def test_each_line_of_the_footer_has_its_label_apart():
    assert "- **parameters** 2,470, 2,470 trainable, 9.6 KiB" in markdown(SUMMARY)
    assert ">parameters</td>" in html(SUMMARY)
    for line in footer(SUMMARY, 3):
        assert line[:13].strip()
        assert line[12] == " "
