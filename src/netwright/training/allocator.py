"""The C library keeps memory that it was given, instead of returning and fetching it again in every step.

Every step frees the activations of the one before. By default glibc returns large blocks to the system at
once, so that the kernel must map and clear the same pages in each step; that can be a tenth of the time.
"""

import ctypes
import platform

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3
"""The numbers of the settings in glibc's malloc.h."""
SETTINGS = {MMAP_THRESHOLD: 2**30, TRIM_THRESHOLD: 2**31 - 1, TOP_PAD: 2**26}


def keep_pages() -> bool:
    """Make glibc keep what is freed for the next step; return whether it does. It lasts for the process.

    Blocks of more than 1 GiB are returned as before. Nothing is done with another C library.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    library = ctypes.CDLL(None)
    return all([library.mallopt(setting, value) for setting, value in SETTINGS.items()])
