"""Replace a file as a whole: a reader sees the old text or the new one, never a part."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from netwright.errors import UsageError


def write(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Write to a temporary file beside `path`, sync it, rename it over `path`; mode bits and links stay.

    Raises:
        UsageError: the folder or the file cannot be written.
    """
    path = path.resolve()
    try:
        with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(text.encode(encoding))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(file.name, path.stat().st_mode if path.exists() else 0o644)
        os.replace(file.name, path)
    except OSError as error:
        raise UsageError(f"`{path}` cannot be written: {error.strerror}.") from error
