"""Ctrl-C as a wish: the run saves at the next event, then stops; a second Ctrl-C stops at once."""

import os
import signal
import threading
from types import FrameType
from typing import Any, Self


class Interrupt:
    """While open, the first SIGINT only sets `asked`. The handler that was there returns on leaving.

    Outside the main thread, and where several processes train together (each would stop at a step of its own
    and wait for the others), Python's own behaviour stays.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: Any = None

    def __enter__(self) -> Self:
        alone = os.environ.get("WORLD_SIZE", "1") == "1"
        if alone and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt("interrupted twice; steps since the last checkpoint are lost")
        self.asked = True
