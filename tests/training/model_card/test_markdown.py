"""Foreign texts in a Markdown document show as themselves, by the parser of markdown-it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from netwright.training.model_card.markdown import block, code, facts, fold, line, plain, table

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = [
    "a\n\n# heading",
    "---",
    "***",
    "1. item",
    "+ item",
    "= x",
    "<script>alert(1)</script>",
    "a|b\\|c",
    "`x` ``y``",
    "![a](http://b.c/d.png)",
    "&lt;b&gt; &copy; &#124;",
    "_a_ __b__ a_b ~~c~~",
    "$x$ :smile: @user https://a.b www.a.b",
    "\u202etxt.exe\u2066",
    "trailing \\",
    "[x]: /url",
]
TEXTS = st.text(max_size=40) | st.text("\\`*_|[]()<>&#!~-+=.: 1a\n\t{}$@\"'", max_size=30)


def inline(document: str) -> list:
    """Return the parts of the first line of text of a document."""
    return next(token for token in PARSER.parse(document) if token.type == "inline").children


def shown(parts: list) -> str:
    return "".join(part.content for part in parts)


@pytest.mark.parametrize("prefix", ["", "# ", "- "])
@given(text=TEXTS)
@example(HOSTILE[0])
@example(HOSTILE[3])
@example(HOSTILE[5])
@example(HOSTILE[9])
@example(HOSTILE[14])
def test_a_text_is_words_and_nothing_else(prefix, text):
    if not line(text).strip():
        return
    parts = inline(f"{prefix}{plain(text)} end")
    assert {part.type for part in parts} <= {"text", "text_special"}
    assert shown(parts).split() == [*line(text).split(), "end"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_meant_to_break_out_of_a_table_stays_in_its_cell(text):
    document = table(["class", "code", "after"], [[plain(text), code(text), "1"], ["x", "y", "2"]])
    tokens = PARSER.parse(document)
    cells = [token for token in tokens if token.type == "inline"]
    assert len(cells) == 9
    assert shown(cells[3].children).strip() == line(text).strip()
    assert "<" not in PARSER.render(document).replace("<code>", "").replace("</code>", "").split("<td>")[1][0]
    words = [part.content for part in cells[4].children if part.type != "html_inline"]
    assert "".join(words).strip() == line(text).strip()
    assert {part.content for part in cells[4].children if part.type == "html_inline"} <= {
        "<code>",
        "</code>",
    }


@given(TEXTS)
def test_code_shows_the_text_in_one_piece(text):
    if not line(text).strip():
        return
    parts = inline(f"x {code(text)} end")
    inner = parts[1:-1] if parts[1].type == "html_inline" else parts
    assert {part.type for part in inner} <= {"text", "text_special", "code_inline", "html_inline"}
    assert "".join(shown(part for part in parts if part.type != "html_inline").split()) == "".join(
        ["x", *line(text).split(), "end"]
    )


def test_hidden_and_control_characters_are_written_out():
    assert line("a\x00b\x1b[31m\u202e\ud800\u2028") == "a\\x00b\\x1b[31m\\u202e\\ud800\\u2028"
    assert line("ä 細胞 🙂") == "ä 細胞 🙂"


def test_a_long_text_is_cut():
    assert line("x" * 300) == "x" * 300
    assert len(line("x" * 301)) == 300
    assert line("x" * 301).endswith("…")


def test_numbers_stand_on_the_right_of_a_table():
    rendered = PARSER.render(table(["a", "b"], [["x", "1"]], ["left", "right"]))
    assert '<td style="text-align:right">1</td>' in rendered
    assert "<td>x</td>" in rendered


def test_a_fold_shows_the_table_inside_it_as_a_table():
    rendered = PARSER.render(fold("All", table(["a"], [["1"]])))
    assert rendered.startswith("<details>\n<summary>All</summary>")
    assert "<td>1</td>" in rendered


def test_values_are_a_list_and_python_is_a_block():
    assert "<li><strong>name:</strong> 3</li>" in PARSER.render(facts({"name": "3"}))
    assert [token.info for token in PARSER.parse(block("x = 1"))] == ["python"]
