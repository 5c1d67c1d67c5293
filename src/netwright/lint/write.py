"""Write the user's files as a whole: a reader sees the old text or the new one, never a part of either."""

import re
import tokenize
from difflib import SequenceMatcher
from pathlib import Path

from netwright.durable import replace
from netwright.errors import UsageError


def write(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Replace the text of a file; its mode bits and links stay.

    Raises:
        UsageError: The folder or the file cannot be written.
    """
    try:
        replace(path, text.encode(encoding))
    except OSError as error:
        raise UsageError(f"`{path}` cannot be written: {error.strerror}.") from error


def write_source(path: Path, text: str) -> None:
    """Replace the text of a source file, in the encoding and with the line ends that the file has."""
    encoding = encoding_of(path)
    before = path.read_bytes().decode(encoding)
    write(path, with_line_ends(text, before), encoding=encoding)


def encoding_of(path: Path) -> str:
    """Return the encoding that a source file declares, with its byte-order mark where it has one."""
    with open(path, "rb") as file:
        return tokenize.detect_encoding(file.readline)[0]


def with_line_ends(text: str, before: str) -> str:
    """Return a text with the line ends of the text before it, line by line where those are mixed.

    >>> with_line_ends("a\\nb\\nc\\n", "a\\r\\nc\\n")
    'a\\r\\nb\\nc\\n'
    """
    pieces = re.split(r"(\r\n|\r|\n)", before)
    lines, ends = pieces[::2], pieces[1::2]
    if len(set(ends)) < 2:
        return text.replace("\n", ends[0]) if ends else text
    new = text.split("\n")
    usual = max(sorted(set(ends)), key=ends.count)
    chosen = [usual] * len(new)
    for block in SequenceMatcher(None, lines, new, autojunk=False).get_matching_blocks():
        chosen[block.b : block.b + block.size] = [*ends, usual][block.a : block.a + block.size]
    return "".join(line + end for line, end in zip(new, [*chosen[:-1], ""], strict=True))
