"""Arrays of zarr stores (versions 2 and 3) in a folder, which are read in parts.

A store may come from anybody, and the codecs `pickle` and `json2` (and any that another package adds) would
build objects out of it. So its metadata are read first, and only codecs of plain numbers are let through.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from netwright.data.readers.opened import Opened, needs
from netwright.errors import UnreadableError

SUFFIXES = (".zarr",)
CODECS = frozenset({
    "adler32", "astype", "bitround", "blosc", "bytes", "bz2", "crc32", "crc32c", "delta", "endian",
    "fixedscaleoffset", "fletcher32", "gzip", "lz4", "lzma", "packbits", "quantize",
    "sharding_indexed", "shuffle", "transpose", "zlib", "zstd",
})  # fmt: skip
BROKEN = (KeyError, MemoryError, OSError, RuntimeError, TypeError, ValueError)


def opened(path: Path, key: str = "") -> Opened:
    """Return the array of that name in a store, or its only one.

    Raises:
        UnreadableError: The store is damaged, or uses a codec of objects.
        UsageError: zarr is not installed.
    """
    needs("zarr", "zarr")
    arrays = names(path)
    if not key and len(arrays) != 1:
        raise UnreadableError(f"it holds the arrays {', '.join(arrays) or 'of no name'}, and one is wanted")
    key = key or arrays[0]
    if key not in arrays:
        raise UnreadableError(f"it has no array `{key}`; it has {', '.join(arrays)}")
    import zarr

    try:
        return Opened(_Array(zarr.open_array(path / key, mode="r")))
    except BROKEN as error:
        raise UnreadableError(f"it is not a readable zarr store: {str(error).rstrip('.')}") from error


def names(path: Path) -> tuple[str, ...]:
    """Return the names of the arrays in a store: paths inside it, or "." for a store that is one array.

    Raises:
        UnreadableError: The metadata are damaged, or an array uses a codec of objects.
    """
    arrays = []
    for file in sorted([*path.rglob("zarr.json"), *path.rglob(".zarray")]):
        facts = _facts(file)
        if facts.get("node_type", "array") == "array":
            try:
                bad = sorted(set(_codecs(facts)) - CODECS)
            except (AttributeError, TypeError, RecursionError) as error:
                raise UnreadableError(f"`{file}` does not describe an array: {error}") from error
            if bad:
                raise UnreadableError(f"`{file}` names the codec {bad[0]}, which is refused")
            arrays.append(file.parent.relative_to(path).as_posix())
    return tuple(arrays)


class _Array:
    """A zarr array, whose parts are NumPy arrays and whose errors are ours."""

    def __init__(self, array: Any):
        self.array, self.shape, self.dtype = array, array.shape, array.dtype

    def __getitem__(self, index: Any) -> Any:
        try:
            return self.array[index]
        except BROKEN as error:
            raise UnreadableError(f"it is damaged: {str(error).rstrip('.')}") from error


def _facts(file: Path) -> Mapping[str, Any]:
    try:
        facts = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadableError(f"`{file}` is damaged: {error}") from error
    if not isinstance(facts, dict):
        raise UnreadableError(f"`{file}` does not describe an array")
    return facts


def _codecs(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the name of every codec of an array, those inside shards too."""
    version2 = [facts.get("compressor"), *(facts.get("filters") or [])]
    for codec in [*version2, *(facts.get("codecs") or [])]:
        if isinstance(codec, dict):
            name = str(codec.get("id", codec.get("name", "")))
            yield name.removeprefix("numcodecs.")
            inside = codec.get("configuration", {})
            if isinstance(inside, dict):
                yield from _codecs(
                    inside | {"codecs": [*inside.get("codecs", []), *inside.get("index_codecs", [])]}
                )
        elif codec is not None:
            yield str(codec)
