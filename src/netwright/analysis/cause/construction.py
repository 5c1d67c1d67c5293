"""Explain why a network could not be built: the user's own line, and what its constructor would accept."""

from linecache import getline
from math import gcd
from traceback import walk_tb
from types import TracebackType

from netwright.trace.source import raising


def unbuilt(traceback: TracebackType | None) -> str:
    """Return where a constructor failed, the line as it is written, and the likely fix where there is one."""
    frames = [frame for frame, _ in walk_tb(traceback)]
    if not frames:
        return ""
    frame = frames[-1]
    fix, where = _groups(frame.f_locals), raising(traceback)
    if where is None:
        return f" ({frame.f_code.co_filename}:{frame.f_lineno}){fix}"
    return f", at {where}: `{getline(where.file, where.line).strip()}`{fix}"


def _groups(given: dict[str, object]) -> str:
    """Return the groups that divide the channels, where a convolution or a norm refused its own."""
    for name, sizes in (("groups", ("in_channels", "out_channels")), ("num_groups", ("num_channels",))):
        channels = [size for size in (given.get(size) for size in sizes) if isinstance(size, int)]
        groups = given.get(name)
        if len(channels) == len(sizes) and isinstance(groups, int) and groups > 1 and gcd(*channels) % groups:
            common = gcd(*channels)
            fitting = [str(n) for n in range(1, common + 1) if common % n == 0]
            listed = " and ".join(map(str, channels))
            return f"; `{name}` must divide {listed}: use {' or '.join(fitting)}"
    return ""
