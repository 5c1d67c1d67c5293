"""The source line of a place, with the place underlined."""

import linecache
import os

from netwright.lint.finding import Place

INDENT = "    "


def line_of(place: Place) -> str:
    """Return the text of a place's line; it is empty for a whole file, or if the file has no such line."""
    if not place.line:
        return ""
    path = os.path.abspath(place.file)  # linecache keeps lines by name, and the working folder may change
    linecache.checkcache(path)
    return linecache.getline(path, place.line).rstrip("\n")


def excerpt(place: Place) -> list[str]:
    """Return the line with its number and the underline below it, or nothing if there is no such line."""
    text = line_of(place).expandtabs(1)
    if not text.strip():
        return []
    number = str(place.line)
    same_line = place.end_line in (None, place.line)
    end = place.end_column if same_line and place.end_column else len(text) + 1
    marks = "^" * max(1, min(end, len(text) + 1) - place.column)
    gap = " " * len(number)
    return [f"{INDENT}{number} | {text}", f"{INDENT}{gap} | {' ' * (place.column - 1)}{marks}"]
