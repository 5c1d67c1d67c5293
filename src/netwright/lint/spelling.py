"""Misspelled names: those that differ from another name by a single slip."""

SHORTEST = 4
"""Shorter names are a single letter away from too many others."""


def misspelled(wrong: str, right: str) -> bool:
    """Return True when a name differs by case and underscores, or by one letter too few, too many or wrong.

    Two neighbouring letters that changed places are also a single slip.

    >>> misspelled("foward", "forward"), misspelled("froward", "forward"), misspelled("backward", "forward")
    (True, True, False)
    """
    if wrong == right or min(len(wrong), len(right)) < SHORTEST - 1 or max(len(wrong), len(right)) < SHORTEST:
        return False
    one, other = (name.lower().replace("_", "") for name in (wrong, right))
    return one == other or _slip(one, other)


def _slip(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    start = next(
        (place for place, pair in enumerate(zip(short, long, strict=False)) if pair[0] != pair[1]), None
    )
    if start is None:
        return len(long) - len(short) == 1
    if len(long) != len(short):
        return short[start:] == long[start + 1 :]
    swapped = long[start : start + 2][::-1] + long[start + 2 :]
    return short[start + 1 :] == long[start + 1 :] or short[start:] == swapped
