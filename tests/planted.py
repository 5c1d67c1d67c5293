"""Folders of data with a fault in them, for the tests of the rules about data.

`GOOD` writes a folder without faults for each rule, `BAD` one with the fault of that rule; it returns the
names that the finding must mention (files, or classes where the fault is in no single file).
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from netwright.lint.catalogue import rules
from netwright.lint.finding import Finding
from netwright.lint.run import examine
from netwright.lint.survey.open import survey

SIZE = 64
GROUND = 30
"""How much the ground of pictures varies; pictures of one shape on equal grounds would be nearly the same."""
SPLITS = {"train": 24, "valid": 12, "test": 12}
WORDS = [f"{one}{two}" for one in "abcdefgh" for two in "klmnopqr"]
"""Names without numbers: files that are numbered count as one sequence."""


def scene(seed: int, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """A picture [h, w, 3] of uint8 and its mask [h, w] of 0, 1, ...: regions of some brightness."""
    random = np.random.default_rng(seed)
    field = gaussian_filter(random.normal(size=(SIZE, SIZE)), 5)
    mask = np.digitize(field, np.quantile(field, np.linspace(0, 1, classes + 1)[1:-1])).astype(np.uint8)
    colours = np.linspace(60, 190, classes)[mask][..., None] + random.normal(scale=9, size=(SIZE, SIZE, 3))
    tint = random.uniform(-20, 20, size=3)
    return np.clip(colours + tint, 0, 255).astype(np.uint8), mask


def save(values: np.ndarray, path: Path, **options: object) -> None:
    """Write a picture; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path, **options)


def pairs(folder: Path, classes: int = 3) -> Path:
    """Write images with masks in three splits: `images/train/ak.png` and `masks/train/ak.png`."""
    for offset, (split, number) in enumerate(SPLITS.items()):
        for k in range(number):
            image, mask = scene(1000 * offset + k, classes)
            save(image, folder / "images" / split / f"{WORDS[k]}.png")
            save(mask, folder / "masks" / split / f"{WORDS[k]}.png")
    return folder


def photos(folder: Path) -> Path:
    """Write class folders `train/disc/ak.png` of discs and crosses, whose class no turn changes."""
    for offset, (split, number) in enumerate(SPLITS.items()):
        for c, name in enumerate(("cross", "disc")):
            for k in range(number):
                save(glyph(name, 1000 * offset + 100 * c + k), folder / split / name / f"{WORDS[k]}.png")
    return folder


def glyph(name: str, seed: int, ground: float = GROUND) -> np.ndarray:
    """A picture [32, 32, 3] of a shape at a random place; `up` and `down` are each other upside down."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:32, :32] - random.uniform(13, 18, size=2)[:, None, None]
    shapes = {
        "disc": x**2 + y**2 < 60,
        "cross": (np.abs(x) < 3) | (np.abs(y) < 3),
        "up": (np.abs(x) < (y + 9) / 2) & (np.abs(y) < 9),
        "down": (np.abs(x) < (9 - y) / 2) & (np.abs(y) < 9),
    }
    field = gaussian_filter(random.normal(scale=ground, size=(32, 32)), 4) * 14
    picture = (90 + field + 60 * shapes[name])[..., None] + random.normal(scale=5, size=(32, 32, 3))
    return np.clip(picture, 0, 255).astype(np.uint8)


def change(path: Path, how: Callable[[np.ndarray], np.ndarray], **options: object) -> None:
    """Replace a picture by what a function makes of its values."""
    with Image.open(path) as image:
        values = np.asarray(image)
    save(how(values), path, **options)


def label_values(folder: Path) -> list[str]:
    """Two masks with the value 255 at their border."""
    pairs(folder)
    names = [f"masks/train/{WORDS[k]}.png" for k in (3, 5)]
    for name in names:
        change(folder / name, lambda mask: np.pad(mask[4:-4, 4:-4], 4, constant_values=255))
    return ["255"]


def unpaired(folder: Path) -> list[str]:
    """An image whose mask is missing, and a mask whose image is missing."""
    pairs(folder)
    (folder / "masks/train/ak.png").unlink()
    (folder / "images/test/am.png").unlink()
    return ["images/train/ak.png", "masks/test/am.png"]


def size_mismatch(folder: Path) -> list[str]:
    """A mask of half the size, and a photograph that its EXIF tag turns."""
    pairs(folder)
    change(folder / "masks/train/al.png", lambda mask: mask[::2, ::2])
    exif = Image.Exif()
    exif[0x0112] = 6
    change(folder / "images/test/an.png", lambda image: image[:, :48], exif=exif)
    change(folder / "masks/test/an.png", lambda mask: mask[:, :48])
    return ["images/train/al.png", "images/test/an.png"]


def misaligned(folder: Path) -> list[str]:
    """Masks of the training split that belong to the next image; in the finding the whole folder is named."""
    pairs(folder)
    for split, number in SPLITS.items():
        paths = [folder / "masks" / split / f"{WORDS[k]}.png" for k in range(number)]
        masks = [path.read_bytes() for path in paths]
        for path, mask in zip(paths, masks[1:] + masks[:1], strict=True):
            path.write_bytes(mask)
    return ["label edges"]


def resampled_mask(folder: Path) -> list[str]:
    """Masks that were resized with blending."""
    pairs(folder)
    names = [f"masks/train/{WORDS[k]}.png" for k in range(4)]
    for name in names:
        change(
            folder / name,
            lambda mask: np.asarray(
                Image.fromarray(mask * 100).resize((48, 48)).resize((SIZE, SIZE), Image.Resampling.BILINEAR)
            ),
        )
    for path in sorted((folder / "masks").rglob("*.png")):
        if path.relative_to(folder).as_posix() not in names:
            change(path, lambda mask: mask * 100)
    return names


def class_share(folder: Path) -> list[str]:
    """A class that the test split does not hold."""
    pairs(folder)
    for path in (folder / "masks" / "test").iterdir():
        change(path, lambda mask: np.minimum(mask, 1))
    return ["test"]


def leak(folder: Path) -> list[str]:
    """Training images, compressed again, among the test images."""
    photos(folder)
    for k in range(3):
        with Image.open(folder / f"train/disc/{WORDS[k]}.png") as image:
            image.save(folder / f"test/disc/copy{WORDS[k]}.jpg", quality=92)
    return ["test/disc/copyak.jpg", "train/disc/ak.png"]


def label_conflict(folder: Path) -> list[str]:
    """One picture in two classes."""
    photos(folder)
    (folder / "train/disc/twin.png").write_bytes((folder / "train/cross/al.png").read_bytes())
    return ["train/cross/al.png", "train/disc/twin.png"]


def unreadable(folder: Path) -> list[str]:
    """An empty file and a truncated one."""
    photos(folder)
    (folder / "train/disc/ak.png").write_bytes(b"")
    path = folder / "test/cross/al.png"
    path.write_bytes(path.read_bytes()[:800])
    return ["train/disc/ak.png", "test/cross/al.png"]


def constant_channel(folder: Path) -> list[str]:
    """A blank photograph."""
    photos(folder)
    change(folder / "train/disc/am.png", lambda image: np.full_like(image, 7))
    return ["train/disc/am.png"]


def label_breaking(folder: Path) -> list[str]:
    """Triangles that point up and down."""
    for offset, (split, number) in enumerate(SPLITS.items()):
        for c, name in enumerate(("down", "up")):
            for k in range(number):
                picture = glyph(name, 1000 * offset + 100 * c + k, ground=8)
                save(picture, folder / split / name / f"{WORDS[k]}.png")
    return ["a flip upside down turns", "`up` into `down`"]


def split_shift(folder: Path) -> list[str]:
    """Test images that are darker than the others."""
    photos(folder)
    for path in (folder / "test").rglob("*.png"):
        change(path, lambda image: (image * 0.6).astype(np.uint8))
    return ["test"]


BAD: Mapping[str, Callable[[Path], list[str]]] = {
    "NW801": label_values,
    "NW802": unpaired,
    "NW803": size_mismatch,
    "NW804": misaligned,
    "NW805": resampled_mask,
    "NW806": class_share,
    "NW807": leak,
    "NW811": label_conflict,
    "NW812": unreadable,
    "NW813": constant_channel,
    "NW814": label_breaking,
    "NW815": split_shift,
}
CLASSIFIED = {"NW807", "NW811", "NW812", "NW813", "NW814", "NW815"}
GOOD: Mapping[str, Callable[[Path], Path]] = {code: photos if code in CLASSIFIED else pairs for code in BAD}


def findings(folder: Path, code: str = "", **options: object) -> list[Finding]:
    """The findings of one rule, or of all rules about data, in a folder."""
    subject = survey(str(folder), **options).survey
    return examine(subject, {one: rule for one, rule in rules().items() if rule.data and code in ("", one)})


def words(reported: list[Finding]) -> str:
    """All that some findings say: messages, places and evidence."""
    return "\n".join(f"{finding} {finding.evidence}" for finding in reported)
