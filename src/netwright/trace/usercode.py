"""Run the code of the user: catch whatever it raises, and keep it from waiting for input."""

import io
import os
import sys
from contextlib import AbstractContextManager
from traceback import clear_frames, format_exception_only
from types import TracebackType
from typing import Any


class UserCode(AbstractContextManager):
    """Catch the exception that the user's code raises in the body: its failure is a result.

    `error` is the exception, and `traceback` begins with the first frame that the body called.

    `sys.exit()` is caught too; an interrupt from the keyboard is not. Reading from standard input raises an
    `EOFError` instead of waiting for somebody to type. The working folder is restored at the end.

    >>> with UserCode() as caught:
    ...     input()
    >>> format_error(caught.error)
    'EOFError: standard input is closed while a network is built or recorded'
    """

    error: BaseException | None = None
    traceback: TracebackType | None = None

    def __enter__(self) -> "UserCode":
        self._input, self._folder = sys.stdin, os.getcwd()
        sys.stdin = _Closed()
        return self

    def __exit__(self, kind: Any, error: BaseException | None, traceback: TracebackType | None) -> bool:
        sys.stdin = self._input
        if os.getcwd() != self._folder:
            os.chdir(self._folder)
        if error is None or isinstance(error, KeyboardInterrupt):
            return False
        self.error, self.traceback = error, traceback.tb_next if traceback else None
        return True

    def forget(self) -> None:
        """Release the frames that raised, and with them their tensors; the error itself stays."""
        if self.error:
            clear_frames(self.traceback)
            self.error.__traceback__ = self.traceback = None


class _Closed(io.TextIOBase):
    """A standard input that refuses to be read."""

    def readable(self) -> bool:
        """Return True, as a file that is open for reading does."""
        return True

    def read(self, size: int | None = -1) -> str:
        """Raise an `EOFError`."""
        raise EOFError("standard input is closed while a network is built or recorded")

    def readline(self, size: int = -1) -> str:  # type: ignore[override]  # the name of its argument is private
        """Raise an `EOFError`; `input()` calls this."""
        return self.read(size)


def error_message(error: BaseException) -> str:
    """Return the message of an exception, also if it is `sys.exit()` or if its own text raises.

    >>> error_message(SystemExit(3))
    'it calls sys.exit(3)'
    """
    if isinstance(error, SystemExit):
        return f"it calls sys.exit({'' if error.code is None else repr(error.code)})"
    if isinstance(error, SyntaxError | KeyError):
        return str(error)
    return "".join(format_exception_only(error)).partition(": ")[2].rstrip()


def format_error(error: BaseException) -> str:
    """Return the class and the message of an exception in one line.

    >>> format_error(ValueError("no weights\\nin the file"))
    'ValueError: no weights in the file'
    """
    return " ".join(f"{type(error).__name__}: {error_message(error)}".split()).removesuffix(":")
