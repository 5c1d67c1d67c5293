"""An ignore comment suppresses nothing.

What. A `# netwright: ignore[CODE]` stands on a line where no finding of that code is reported, or names a
code that does not exist.

Why. The fault it excused is gone, or the code is misspelt and the fault is reported all the same. Left
standing it will hide the next fault of that kind on the line. Ruff (RUF100) and mypy (`warn_unused_ignores`)
report theirs for the same reason.

Guard. Only ignores of rules that ran, and only on lines that this check has looked at: checking one network
of a file says nothing of the others.

Instead. Delete the comment, or correct the code.
"""

from netwright.lint.finding import Edit, Fix, Place, Remark
from netwright.lint.rule import Rule
from netwright.lint.suppress import Ignore

RULE = Rule("warning", "safe")


def remark(ignore: Ignore, text: str) -> Remark:
    """What to say of an ignore on the line `text`; a comment of several codes is left to its writer."""
    place = ignore.place
    before = text[: place.column - 1].rstrip()
    end = place.end_column or place.column
    alone = "," not in text[place.column - 1 : end - 1]
    rest = Place(place.file, place.line, len(before) + 1, place.line, len(text) + 1)
    fix = Fix("delete the comment", safe=True, edits=(Edit(rest, ""),) if alone and before else ())
    return Remark(place, f"`ignore[{ignore.code}]` suppresses nothing on this line.", fix=fix)
