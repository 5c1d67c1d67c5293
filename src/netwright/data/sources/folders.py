"""A folder with one folder of images per class, possibly inside train, valid and test."""

from pathlib import Path

from netwright.data.kinds import Kind
from netwright.data.reading import READING, Reading
from netwright.data.stored import SPLITS, Stored, StoredSplit
from netwright.data.walk import walk
from netwright.errors import DataError

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"}
TASKS = ("classification",)


def matches(path: Path) -> str:
    """Return why a folder does not hold class folders; empty if it does."""
    if not path.is_dir():
        return "it is a file"
    roots = _splits(path)
    if not any(_images(folder) for folder in _folders(roots["train"])):
        inside = "" if roots["train"] == path else f" in {roots['train'].name}"
        return f"it has no class folders with images{inside}"
    return ""


def stored(root: Path, reading: Reading = READING) -> Stored:
    """Return the images; the classes are the sorted names of the class folders for training.

    Raises:
        DataError: There are no images or only one class, a class folder is empty, or a class has no training
            images.
    """
    roots = _splits(root)
    classes = tuple(path.name for path in _folders(roots["train"]))
    if not any(_images(path) for path in _folders(roots["train"])):
        loose = len([path for path in root.iterdir() if path.suffix.lower() in SUFFIXES])
        remedy = "put the images of each class into their own folder." if loose else _forms()
        raise DataError(f"`{roots['train']}` has no class folders with images; {remedy}")
    if len(classes) < 2:
        raise DataError(
            f"`{roots['train']}` has only one class folder, `{classes[0]}`; two or more are needed."
        )
    return Stored(classes, {name: _split(path, classes) for name, path in roots.items()})


def _splits(root: Path) -> dict[str, Path]:
    """Return the folder of each split; the root itself is the train split where it has no train folder."""
    splits: dict[str, Path] = {}
    for path in _folders(root):
        name = SPLITS.get(path.name.lower())
        if name in splits:
            raise DataError(f"`{splits[name]}` and `{path}` are both the {name} split; keep one of them.")
        if name is not None:
            splits[name] = path
    return splits if "train" in splits else {"train": root}


def _split(root: Path, classes: tuple[str, ...]) -> StoredSplit:
    images: list[Path] = []
    targets: list[int] = []
    for path in _folders(root):
        if path.name not in classes:
            raise DataError(
                f"the class folder `{path}` is not one of the training classes {', '.join(classes)}."
            )
        inside = _images(path)
        if not inside:
            raise DataError(f"the class folder `{path}` has no images; fill it or remove it. {_forms()}")
        images += inside
        targets += [classes.index(path.name)] * len(inside)
    if not images:
        raise DataError(f"`{root}` has no class folders; remove it, or fill it.")
    return StoredSplit(images, {Kind.CLASS: targets}, lambda k: f"`{images[k]}`")


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))


def _images(root: Path) -> list[Path]:
    """Return every image inside a class folder, in the order of the names."""
    return sorted(
        path for path in walk(root) if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    )


def _forms() -> str:
    return f"images are files ending in {', '.join(sorted(SUFFIXES))}."
