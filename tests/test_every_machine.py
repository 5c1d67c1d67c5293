"""Checking, training and comparing need nothing that only some systems have."""

import os
import subprocess
import sys

SITE = """
import os, sys

HIDDEN = {"fcntl", "resource", "termios", "pwd", "grp"}


class Hide:
    \"\"\"Refuse the modules that exist on POSIX systems only.\"\"\"

    def find_spec(self, name, path=None, target=None):
        if name in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


for name in HIDDEN:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Hide())
for name in ("sched_getaffinity", "fork", "getuid", "killpg", "getloadavg", "sysconf"):
    delattr(os, name)
"""
PROGRAM = """
from netwright.cli.main import main

try:
    import fcntl
except ModuleNotFoundError:
    print("hidden")
few = ["--data", "digits", "--limit", "40", "--epochs", "1"]
for words in (
    ["check", "net.py:Net", "--input", "1x8x8"],
    ["train", "mlp", *few, "--out", "run"],
    ["compare", "mlp", "convnet", *few, "--seeds", "1", "--jobs", "1", "--out", "study"],
):
    try:
        main(words)
    except SystemExit as ended:
        print(words[0], ended.code)
"""
NET = """from torch import nn
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Flatten(), nn.Linear(64, 10))
"""


def test_check_train_and_compare_run_without_the_modules_that_windows_and_macos_lack(tmp_path):
    """The modules are hidden from every process that is started, worker processes included."""
    (tmp_path / "sitecustomize.py").write_text(SITE)
    (tmp_path / "net.py").write_text(NET)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    codes = [
        line
        for line in done.stdout.splitlines()
        if line.split(" ")[0] in ("hidden", "check", "train", "compare")
    ]
    assert codes == ["hidden", "check 0", "train 0", "compare 0"], done.stdout + done.stderr
