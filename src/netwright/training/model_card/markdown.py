"""Texts that others wrote, such as the names of classes and files, as parts of a Markdown document.

The document is GitHub-flavoured Markdown (https://github.github.com/gfm), as the Hugging Face Hub renders it.
Whatever a text contains, it shows as itself: it is never markup, HTML, a link, a formula or a second line.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

Side = Literal["left", "right"]

MARKUP = re.compile(
    r"[\\`*\[\]~$#@{}]|(?<![^\W_])_|_(?![^\W_])|://|(?<=www)\.|:(?=[\w+-]+:)|^[-+=](?=\s|$)|^\d+(?=[.)](?:\s|$))"
)
"""What begins markup, an automatic link or an emoji."""
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
HIDDEN = frozenset("\u200b\u200e\u200f\u2028\u2029\u2060\ufeff") | {
    chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""Characters that are not seen or that change the direction of what follows."""


def line(text: str) -> str:
    """Return a text on one line, with control characters and hidden ones written out, not longer than 300.

    >>> line("a\\n---\\tb")
    'a\\\\n---\\\\tb'
    """
    shown = "".join(_visible(character) for character in text[:301])
    return f"{shown[:299]}…" if len(shown) > 300 else shown


def _visible(character: str) -> str:
    code = ord(character)
    if code < 32 or 127 <= code < 160 or 0xD800 <= code < 0xE000 or character in HIDDEN:
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character


def plain(text: str) -> str:
    """Return a text as the words of a paragraph, a heading or a cell of a table.

    >>> print(plain("<b>|cats_and *dogs*|"))
    &lt;b&gt;&#124;cats_and \\*dogs\\*&#124;
    """
    words = line(text).strip()
    return re.sub(r"[&<>|]", lambda match: ENTITIES[match[0]], MARKUP.sub(_escaped, words))


def _escaped(match: re.Match[str]) -> str:
    """Put a backslash before what is punctuation, and behind the number that would begin a list."""
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"


def code(text: str) -> str:
    """Return a text as code within a line.

    >>> print(code("resnet20"), code("a|b"))
    `resnet20` <code>a&#124;b</code>
    """
    shown = line(text).strip()
    if "`" in shown or "|" in shown:  # a table is cut at its bars before code is looked for
        return f"<code>{plain(shown)}</code>"
    return f"`{shown}`" if shown else ""


def table(header: Sequence[str], rows: Sequence[Sequence[str]], sides: Sequence[Side] = ()) -> str:
    """Return a table of cells that are Markdown already; numbers stand on the right.

    Args:
        header: The first row.
        rows: The other rows.
        sides: Where the text of each column stands; left by default.
    """
    alignment = ["---:" if side == "right" else "---" for side in sides or ["left"] * len(header)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, alignment, *rows))


def fold(title: str, body: str) -> str:
    """Return a part of the document that is shown on a click."""
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


def facts(rows: Mapping[str, str]) -> str:
    """Return a list of values, Markdown already, each after its name."""
    return "\n".join(f"- **{name}:** {value}" for name, value in rows.items())


def block(source: str) -> str:
    """Return Python code as a block of its own."""
    return f"```python\n{source}\n```"
