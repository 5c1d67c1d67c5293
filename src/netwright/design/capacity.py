"""Amounts of memory: as text, as bytes, and what this machine has free."""

import os
import re
import sys
from pathlib import Path

from netwright.errors import DesignError

UNITS = {"B": 1} | {
    f"{prefix}{suffix}": base ** (power + 1)
    for suffix, base in (("B", 1000), ("iB", 1024))
    for power, prefix in enumerate("KMGT")
}
"""Bytes of each unit: 1 GB is 10^9 bytes, 1 GiB is 2^30."""

SHARE = 0.9
"""How much of the free memory a plan may use."""

_GROUPS = (
    ("/sys/fs/cgroup", "memory.max", "memory.current"),
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
)
"""Where Linux says what a container may use and what it uses, for the two versions of control groups."""


def parse(text: str) -> int:
    """Return the bytes that a text means.

    >>> parse("8GiB"), parse("512 MB"), parse("1.5KiB")
    (8589934592, 512000000, 1536)
    >>> parse("8 gigs")
    Traceback (most recent call last):
    netwright.errors.DesignError: `8 gigs` is not an amount of memory; write it as 8GiB, 8GB or 512MiB.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?i?B)\s*", text, flags=re.ASCII)
    if match is None or match[2] not in UNITS or not float(match[1]):
        raise DesignError(f"`{text}` is not an amount of memory; write it as 8GiB, 8GB or 512MiB.")
    return int(float(match[1]) * UNITS[match[2]])


def show(size: float) -> str:
    """Return bytes as text, in the largest binary unit of which there is at least one.

    >>> show(8589934592), show(1536), show(12)
    ('8.00 GiB', '1.50 KiB', '12 B')
    """
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if size >= UNITS[unit]:
            return f"{size / UNITS[unit]:.2f} {unit}"
    return f"{size:.0f} B"


def free(device: str = "cpu") -> int:
    """Return the bytes that a device has free: an accelerator's own, or the machine's or container's."""
    if device == "cuda":
        import torch

        return torch.cuda.mem_get_info()[0]
    return min([_machine(), *(_container(Path(folder), *files) for folder, *files in _GROUPS)])


def _machine() -> int:
    """Return what the machine can give without swapping."""
    info = Path("/proc/meminfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")


def _container(folder: Path, limit: str, usage: str) -> int:
    """Return what the control group leaves; files that were read and can be dropped do not count as used."""
    most, used, statistics = (folder / name for name in (limit, usage, "memory.stat"))
    if not (most.is_file() and used.is_file()) or most.read_text().strip() == "max":
        return sys.maxsize
    cached = 0
    if statistics.is_file():
        counts = dict(line.split() for line in statistics.read_text().splitlines())
        cached = int(counts.get("inactive_file", 0))
    return int(most.read_text()) - int(used.read_text()) + cached
