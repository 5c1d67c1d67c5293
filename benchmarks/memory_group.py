"""A memory control group of Linux: a limit on all memory of the processes in it, page cache included."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


class GroupError(Exception):
    """The reason why no group can be made on this machine."""


@dataclass(frozen=True)
class MemoryGroup:
    """A group below that of this process.

    Args:
        folder: The folder of the group.
        version: 1 or 2, of the interface.
    """

    folder: Path
    version: int

    def join(self) -> None:
        """Move the calling process into the group; meant for a child between `fork` and `exec`."""
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    @property
    def peak(self) -> int:
        """The most bytes that were charged to the group, page cache included."""
        name = "memory.max_usage_in_bytes" if self.version == 1 else "memory.peak"
        return int((self.folder / name).read_text())


@contextmanager
def limited(bytes: int) -> Iterator[MemoryGroup]:
    """Make a group with a limit below that of this process, and remove it when its processes have ended.

    Raises:
        GroupError: There are no control groups, or they cannot be written by this user.
    """
    above, version = _own()
    folder = above / f"netwright-{os.getpid()}"
    try:
        if version == 2:
            (above / "cgroup.subtree_control").write_text("+memory")
        folder.mkdir()
        _limit(folder, version, bytes)
    except OSError as error:
        if folder.exists():
            folder.rmdir()
        raise GroupError(f"control groups cannot be written here ({error})") from error
    try:
        yield MemoryGroup(folder, version)
    finally:
        _remove(folder)


def _own() -> tuple[Path, int]:
    """Return the folder of the group that this process is in, and the version of the interface."""
    try:
        lines = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except OSError as error:
        raise GroupError(f"this system has no control groups ({error})") from error
    for _, controllers, path in lines:
        if "memory" in controllers.split(","):
            return ROOT / "memory" / path.lstrip("/"), 1
    return ROOT / next((path.lstrip("/") for number, _, path in lines if number == "0"), ""), 2


def _limit(folder: Path, version: int, bytes: int) -> None:
    """Write the limit; swap is not to be used in the place of memory."""
    if version == 2:
        (folder / "memory.max").write_text(str(bytes))
        (folder / "memory.swap.max").write_text("0")
        return
    (folder / "memory.limit_in_bytes").write_text(str(bytes))
    if (folder / "memory.memsw.limit_in_bytes").exists():
        (folder / "memory.memsw.limit_in_bytes").write_text(str(bytes))


def _remove(folder: Path) -> None:
    """Remove a group; the kernel needs a moment after the last process has ended."""
    for _ in range(100):
        try:
            folder.rmdir()
        except OSError:
            time.sleep(0.05)
        else:
            return
