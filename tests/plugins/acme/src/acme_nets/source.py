"""Images whose class is a part of their names: `001.cat.png`."""

from netwright.data.kinds import Kind
from netwright.data.stored import Stored, StoredSplit

TASKS = ("classification",)


def matches(path):
    """Return why a folder has no such images; empty if it has."""
    return "" if any(path.glob("*.*.png")) else "it has no files NUMBER.CLASS.png"


def stored(path, reading):
    """Return the images, with the classes that occur."""
    files = sorted(path.glob("*.*.png"))
    names = [file.name.split(".")[1] for file in files]
    classes = tuple(sorted(set(names)))
    targets = {Kind.CLASS: [classes.index(name) for name in names]}
    return Stored(classes, {"train": StoredSplit(files, targets, lambda k: f"`{files[k]}`")})
