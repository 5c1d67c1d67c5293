"""Images as they are stored, before decoding: files or their bytes, with targets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

SPLITS = {
    "train": "train",
    "valid": "valid",
    "val": "valid",
    "validation": "valid",
    "dev": "valid",
    "test": "test",
}
"""What a split is called by folders, files and the hub, and here."""


@dataclass(frozen=True)
class StoredSplit:
    """Encoded images (bytes, or the file that holds them) and their class indices.

    `place` says where image number k comes from, for the messages.
    """

    images: Sequence[bytes | Path]
    targets: Sequence[int]
    place: Callable[[int], str]

    def __len__(self) -> int:
        return len(self.targets)

    def part(self, indices: Sequence[int]) -> "StoredSplit":
        """The images at `indices`, in that order; they keep their places."""
        return StoredSplit(
            [self.images[k] for k in indices],
            [self.targets[k] for k in indices],
            lambda k: self.place(indices[k]),
        )

    def contents(self) -> Iterator[bytes]:
        """The encoded bytes of every image; of a file that cannot be read none: decoding refuses it."""
        for image in self.images:
            yield image if isinstance(image, bytes) else _read(image)


@dataclass(frozen=True)
class Stored:
    """A stored data set: class names in the order of their indices, and its splits.

    `splits` has "train" and perhaps "valid" and "test"; `held` says how many images to hold out of train for
    a split that is not there, where a tenth is not right.
    """

    classes: tuple[str, ...]
    splits: Mapping[str, StoredSplit]
    held: Mapping[str, int] = field(default_factory=dict)

    def digest(self) -> str:
        """SHA-256 of everything stored; equal content in other files has an equal digest."""
        whole = sha256(f"{self.classes} {sorted(self.held.items())}".encode())
        for name, split in sorted(self.splits.items()):
            whole.update(f"{name} {len(split)} {list(split.targets)}".encode())
            for content in split.contents():
                whole.update(len(content).to_bytes(8))
                whole.update(content)
        return whole.hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
