"""Numbers and names in the messages of the rules about data."""

from collections.abc import Iterable

NAMED = 4
"""The most files that a message names; the evidence has all of them."""


def listed(places: Iterable[str]) -> str:
    """Return the first few places in words.

    >>> listed(["`a`"]), listed(["`a`", "`b`"]), listed(f"`{k}`" for k in range(7))
    ('`a`', '`a` and `b`', '`0`, `1`, `2`, `3` and 3 more')
    """
    names = list(dict.fromkeys(places))
    shown = names[:NAMED]
    if len(names) > NAMED:
        return f"{', '.join(shown)} and {len(names) - NAMED} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def quoted(files: Iterable[object]) -> str:
    """Return the first few files in words, each in quotes.

    >>> quoted(["a.png", "b.png"])
    '`a.png` and `b.png`'
    """
    return listed(f"`{file}`" for file in files)


def count(number: int, noun: str, verb: str = "") -> str:
    """Return a number with its noun and, where given, the verb after it.

    >>> count(1, "image"), count(2_000, "image", "hold"), count(1, "mask", "have"), count(1, "mask", "hold")
    ('1 image', '2,000 images hold', '1 mask has', '1 mask holds')
    """
    one = number == 1
    noun = noun if one else f"{noun}s"
    if not verb:
        return f"{number:,} {noun}"
    singular = {"have": "has", "are": "is", "do": "does"}.get(verb, f"{verb}s")
    return f"{number:,} {noun} {singular if one else verb}"
