"""A folder of class folders of images, perhaps below train, valid and test."""

from pathlib import Path

from netwright.data.stored import SPLITS, Stored, StoredSplit
from netwright.errors import DataError

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"}


def stored(root: Path) -> Stored:
    """List the images; classes are the sorted names of the (training) class folders.

    Raises:
        DataError: no images, an empty class folder, one class only, or a class that is not trained on.
    """
    roots = _splits(root)
    classes = tuple(path.name for path in _folders(roots["train"]))
    if not any(_images(path) for path in _folders(roots["train"])):
        loose = len([path for path in root.iterdir() if path.suffix.lower() in SUFFIXES])
        remedy = "put the images of each class into a folder of their own." if loose else _forms()
        raise DataError(f"`{roots['train']}` has no class folders with images; {remedy}")
    if len(classes) < 2:
        raise DataError(
            f"`{roots['train']}` has one class folder only, `{classes[0]}`; two or more are needed."
        )
    return Stored(classes, {name: _split(path, classes) for name, path in roots.items()})


def _splits(root: Path) -> dict[str, Path]:
    """The folder of each split; the root itself where it has no train folder."""
    found: dict[str, Path] = {}
    for path in _folders(root):
        name = SPLITS.get(path.name.lower())
        if name in found:
            raise DataError(f"`{found[name]}` and `{path}` are both the {name} split; keep one.")
        if name is not None:
            found[name] = path
    return found if "train" in found else {"train": root}


def _split(root: Path, classes: tuple[str, ...]) -> StoredSplit:
    images: list[Path] = []
    targets: list[int] = []
    for path in _folders(root):
        if path.name not in classes:
            raise DataError(
                f"the class folder `{path}` is not among the training classes {', '.join(classes)}."
            )
        inside = _images(path)
        if not inside:
            raise DataError(f"the class folder `{path}` has no images; fill it or remove it. {_forms()}")
        images += inside
        targets += [classes.index(path.name)] * len(inside)
    if not images:
        raise DataError(f"`{root}` has no class folders; remove it, or fill it.")
    return StoredSplit(images, targets, lambda k: f"`{images[k]}`")


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))


def _images(root: Path) -> list[Path]:
    """Every image below a class folder, in the order of the names."""
    found = root.rglob("*")
    return sorted(path for path in found if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))


def _forms() -> str:
    return f"images are files ending in {', '.join(sorted(SUFFIXES))}."
