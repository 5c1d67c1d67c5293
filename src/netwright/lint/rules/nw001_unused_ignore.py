"""An ignore comment suppresses nothing.

What. A `# netwright: ignore[CODE]` stands on a line where no finding of that code is reported, or it names a
code that does not exist.

Why. Either the fault that it excused is gone, or the code is misspelt and the fault is reported all the same.
If the comment stays, it will hide the next fault of that kind on the line. Ruff (RUF100) and mypy
(`warn_unused_ignores`) report theirs for the same reason.

Guard. The rule judges only ignores of rules that ran, and only lines that this check has looked at: a check
of one network of a file says nothing about the other networks.

Instead. Delete the comment, or correct the code.
"""

from netwright.lint.finding import Edit, Fix, Place, Remark
from netwright.lint.rule import Rule
from netwright.lint.suppress import Ignore

RULE = Rule("warning", "safe")


def remark(ignore: Ignore, text: str) -> Remark:
    """Return the remark on an ignore on the line `text`; a comment with several codes gets no edit."""
    place = ignore.place
    before = text[: place.column - 1].rstrip()
    end = place.end_column or place.column
    alone = "," not in text[place.column - 1 : end - 1]
    rest = Place(place.file, place.line, len(before) + 1, place.line, len(text) + 1)
    fix = Fix("delete the comment", safe=True, edits=(Edit(rest, ""),) if alone and before else ())
    return Remark(place, f"`ignore[{ignore.code}]` suppresses nothing on this line.", fix=fix)
