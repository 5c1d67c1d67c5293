"""Images per processor second of the same training by two versions of Netwright, in turn.

    git worktree add BEFORE 897e642
    NETWRIGHT_DATA=… python benchmarks/before.py BEFORE [--steps 10] [--rounds 9]

Each version trains ResNet-20 on CIFAR-10 (8-bit images, batch 128, pad-4 crop and flip) in a process of its
own that waits between the rounds. The ratio is the median of paired rounds; one warm-up round is not
counted. It is processor time that counts, because other work on the machine disturbs it less.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

HOME = Path(__file__).parent.parent


class Version:
    """A training by the sources in a folder, `steps` steps at a time."""

    def __init__(self, home: Path, steps: int, limit: int):
        path = str(home / "benchmarks" / "train.py")
        script = (
            "import sys, runpy, time\n"
            f"train = runpy.run_path({path!r}, run_name='train')\n"
            "load = train['load'] if 'load' in train else train['Data'].load  # its name until issue 13\n"
            f"rounds = train['ours'](load('cifar10', limit={limit}), {steps})\n"
            "for line in sys.stdin:\n"
            "    begin = time.process_time()\n"
            "    next(rounds)\n"
            "    print(time.process_time() - begin, flush=True)\n"
        )
        environment = os.environ | {"PYTHONPATH": str(home / "src")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def round(self) -> float:
        """Return the processor seconds of one round."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("before", type=Path, help="a checkout of the version to compare with")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--limit", type=int, default=20_000)
    given = parser.parse_args()
    versions = [Version(home, given.steps, given.limit) for home in (given.before, HOME)]
    try:
        for version in versions:
            version.round()
        pairs = [tuple(version.round() for version in versions) for _ in range(given.rounds)]
    finally:
        for version in versions:
            version.process.kill()
    speeds = [given.steps * 128 / median(pair[which] for pair in pairs) for which in (0, 1)]
    ratio = median(before / now for before, now in pairs)
    print(f"images per processor second: before {speeds[0]:.1f}, now {speeds[1]:.1f}")
    print(f"now beside before: {ratio:.3f}")


if __name__ == "__main__":
    main()
