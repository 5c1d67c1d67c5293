"""Hypothesis strategies that several tests share."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Axis:
    """One axis and the window that slides along it, well-formed but perhaps too large to fit."""

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int

    @property
    def window(self) -> dict[str, int]:
        """The window's arguments by name."""
        return {
            "kernel": self.kernel,
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
        }


def axes(*, pooling: bool = False, largest: int = 12) -> st.SearchStrategy[Axis]:
    """An axis with a window; `pooling` keeps the padding within half the kernel."""

    def build(size: int, kernel: int, stride: int, padding: int, dilation: int) -> Axis:
        return Axis(size, kernel, stride, min(padding, kernel // 2) if pooling else padding, dilation)

    small = st.integers(1, 4)
    return st.builds(build, st.integers(1, largest), st.integers(1, 5), small, st.integers(0, 3), small)


def several(
    strategy: st.SearchStrategy[Any], least: int = 1, most: int = 3
) -> st.SearchStrategy[tuple[Any, ...]]:
    """One to three of them: the axes of a sequence, an image or a volume."""
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)
