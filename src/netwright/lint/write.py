"""Replace a file of the user's as a whole: a reader sees the old text or the new one, never a part."""

from pathlib import Path

from netwright.durable import replace
from netwright.errors import UsageError


def write(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Put the text in the place of the file's; mode bits and links stay.

    Raises:
        UsageError: the folder or the file cannot be written.
    """
    try:
        replace(path, text.encode(encoding))
    except OSError as error:
        raise UsageError(f"`{path}` cannot be written: {error.strerror}.") from error
