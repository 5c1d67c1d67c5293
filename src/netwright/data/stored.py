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
"""Names of splits in folders, files and on the hub, and the name of each here."""


@dataclass(frozen=True)
class StoredSplit:
    """Encoded images (bytes, or the file that holds them) and their class indices.

    `place` returns where image number k comes from, for the messages.
    """

    images: Sequence[bytes | Path]
    targets: Sequence[int]
    place: Callable[[int], str]

    def __len__(self) -> int:
        return len(self.targets)

    def part(self, indices: Sequence[int]) -> "StoredSplit":
        """Return the images at `indices`, in that order; they keep their places."""
        return StoredSplit(
            [self.images[k] for k in indices],
            [self.targets[k] for k in indices],
            lambda k: self.place(indices[k]),
        )

    def contents(self) -> Iterator[bytes]:
        """Yield the encoded bytes of every image; an unreadable file yields none, and decoding refuses it."""
        for image in self.images:
            yield image if isinstance(image, bytes) else _read(image)


@dataclass(frozen=True)
class Stored:
    """A stored data set: class names in the order of their indices, and its splits.

    `splits` has "train", and possibly "valid" and "test"; `held_out` says how many images of train to hold
    out for a missing split, where a tenth is not the right number.
    """

    classes: tuple[str, ...]
    splits: Mapping[str, StoredSplit]
    held_out: Mapping[str, int] = field(default_factory=dict)

    def digest(self) -> str:
        """Return the SHA-256 of all that is stored; equal content in other files has an equal digest."""
        whole = sha256(f"{self.classes} {sorted(self.held_out.items())}".encode())
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
