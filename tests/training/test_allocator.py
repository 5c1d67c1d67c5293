"""Memory that a step frees is used again by the next one, without the kernel."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from netwright.training import allocator
from netwright.training.allocator import keep_pages

FILE = Path(allocator.__file__).parents[2]
PROGRAM = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from netwright.training.allocator import keep_pages

def fetched():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        b"x" * 2**26
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

before = fetched()
assert keep_pages()
fetched()
print(before, fetched())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the settings are those of glibc")
def test_freed_blocks_are_fetched_anew_until_the_settings_keep_them():
    command = [sys.executable, "-c", PROGRAM, str(FILE)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    before, after = map(int, done.stdout.split())
    blocks = 10 * 2**26 // 2**21  # pages of 2 MiB, where the kernel gives such large ones
    assert before >= blocks // 2
    assert after < blocks // 10


def test_another_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(allocator.platform, "libc_ver", lambda: ("musl", "1.2"))
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda name: pytest.fail("it was opened"))
    assert not keep_pages()
