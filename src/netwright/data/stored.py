"""Images as they are stored, before decoding: files, parts of files or their bytes, with targets."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from netwright.data.kinds import Kind

SPLITS = {
    "train": "train",
    "valid": "valid",
    "val": "valid",
    "validation": "valid",
    "dev": "valid",
    "test": "test",
}
"""Names of splits in folders, files and on the hub, and the name of each here."""


@dataclass(frozen=True)
class Page:
    """One image inside a file that holds several: a page of a TIFF stack, a slice of an array.

    Args:
        path: The file, or the folder of a zarr store.
        index: The position along the first axis; None for the whole array.
        key: The name of the array, in files that hold several.
        channels: The axis of the channels, counted without the indexed axis; by default it is inferred, and
            an image of two axes has one channel.
    """

    path: Path
    index: int | None = None
    key: str = ""
    channels: int | None = None


@dataclass(frozen=True)
class Channels:
    """One image whose channels are files of their own, in order."""

    parts: tuple["Content", ...]


@dataclass(frozen=True)
class Slices:
    """One volume whose slices along the first axis are images of their own, in order."""

    parts: tuple["Content", ...]


Content = bytes | Path | Page | Channels | Slices
"""What an image or a map of targets is read from: encoded bytes, a file, or a part of files."""


def stamps(contents: Iterable[Content]) -> list[str]:
    """Return texts that change when contents do: from the sizes and times of the files they are read from.

    A file that does not exist has a stamp too; reading it is what fails.
    """
    state = cache(_state)

    def stamp(content: Content) -> str:
        if isinstance(content, bytes):
            return sha256(content).hexdigest()
        if isinstance(content, Page):
            return f"{state(content.path)} {content.index} {content.key} {content.channels}"
        if isinstance(content, Path):
            return state(content)
        return f"{type(content).__name__}({', '.join(map(stamp, content.parts))})"

    return [stamp(content) for content in contents]


def _state(path: Path) -> str:
    """Return where a file is, its size and its time; for a folder, the number, size and time of its files."""
    try:
        status = [path.stat()] if path.is_file() else [file.stat() for file in path.rglob("*")]
    except OSError:
        return f"{path} missing"
    size, changed = sum(one.st_size for one in status), max((one.st_mtime_ns for one in status), default=0)
    return f"{path.resolve()} {len(status)} {size} {changed}"


@dataclass(frozen=True)
class StoredSplit:
    """Stored images and their targets by kind: class indices for CLASS, a `Content` each for MASK.

    `place` returns where image number k comes from, for the messages. `groups` names what each image belongs
    to (a volume, a video, a patient); it is empty where the images are independent. Where the images of a
    group follow each other, as slices and frames do, they stand in that order.
    """

    images: Sequence[Content]
    targets: Mapping[Kind, Sequence[Any]]
    place: Callable[[int], str]
    groups: Sequence[str] = ()

    def __len__(self) -> int:
        return len(next(iter(self.targets.values()), self.images))

    def part(self, indices: Sequence[int]) -> "StoredSplit":
        """Return the images at `indices`, in that order; they keep their places."""
        return StoredSplit(
            [self.images[k] for k in indices],
            {kind: [values[k] for k in indices] for kind, values in self.targets.items()},
            lambda k: self.place(indices[k]),
            [self.groups[k] for k in indices] if self.groups else (),
        )

    def places(self) -> list[str]:
        """Return where each image comes from."""
        return [self.place(k) for k in range(len(self))]

    def contents(self) -> Iterator[bytes]:
        """Yield the encoded bytes of every image, or the stamp of one that is a part of a file.

        An unreadable file yields none, and decoding refuses it.
        """
        parts = iter(stamps(image for image in self.images if not isinstance(image, bytes | Path)))
        for image in self.images:
            if isinstance(image, bytes):
                yield image
            else:
                yield _read(image) if isinstance(image, Path) else next(parts).encode()


@dataclass(frozen=True)
class Stored:
    """A stored data set: class names in the order of their indices, and its splits.

    `splits` has "train", and possibly "valid" and "test"; `held_out` says how many images of train to hold
    out for a missing split, where a tenth is not the right number. `values` and `ignore` are those of `Data`,
    and `colours` says that the values are colours.
    """

    classes: tuple[str, ...]
    splits: Mapping[str, StoredSplit]
    held_out: Mapping[str, int] = field(default_factory=dict)
    values: tuple[int, ...] = ()
    ignore: tuple[int, ...] = ()
    colours: bool = False

    def digest(self) -> str:
        """Return the SHA-256 of all that is stored; equal content in other files has an equal digest."""
        whole = sha256(f"{self.classes} {sorted(self.held_out.items())}".encode())
        for name, split in sorted(self.splits.items()):
            whole.update(f"{name} {len(split)} {list(split.targets[Kind.CLASS])}".encode())
            for content in split.contents():
                whole.update(len(content).to_bytes(8))
                whole.update(content)
        return whole.hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
