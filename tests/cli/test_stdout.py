"""Standard output is for results."""

import subprocess
import sys

PROGRAM = """
import os, sys
from netwright.cli.stdout import only_results
out = sys.stdout
print("before")
with only_results() as results:
    print("printed")
    os.write(1, b"compiled\\n")
    os.system("echo started")
    {more}
print("after")
"""


def ran(more="pass"):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(more=more)], capture_output=True, text=True, check=False
    )


def test_only_what_is_written_outside_reaches_standard_output():
    done = ran()
    assert done.stdout.splitlines() == ["before", "after"]
    assert sorted(done.stderr.splitlines()) == ["compiled", "printed", "started"]


def test_it_is_put_back_when_the_body_raises():
    done = ran("sys.exit('stop')")
    assert done.stdout.splitlines() == ["before"]
    assert done.stderr.splitlines()[-1] == "stop"
    assert done.returncode == 1


def test_the_old_output_object_leads_to_standard_error_too_when_it_is_flushed_inside():
    done = ran("out.write('kept\\n'); out.flush()")
    assert done.stdout.splitlines() == ["before", "after"]
    assert "kept" in done.stderr


def test_a_result_that_is_known_early_reaches_standard_output_at_once():
    early = (
        "with results(): print('early'); os.system('echo child')\n    print('noise'); os.system('echo more')"
    )
    done = ran(early)
    lines = done.stdout.splitlines()
    assert (lines[0], sorted(lines[1:3]), lines[3:]) == ("before", ["child", "early"], ["after"])
    assert sorted(done.stderr.splitlines()) == ["compiled", "more", "noise", "printed", "started"]
