"""Two trainings at the same time with one thread each, against one after the other with two threads each.

    python benchmarks/jobs.py [--epochs N] [--repeats N]

Side by side: each repeat takes both ways, in turns of order, so that a busy machine disturbs both alike.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from netwright.data.examples import Data
from netwright.study.pool import serve
from netwright.study.trial import Key, Ticket
from netwright.study.worker import pack
from netwright.training.recipe import Recipe

WAYS = {"2 jobs x 1 thread": (2, 1), "1 job x 2 threads": (1, 2)}


def seconds(spec: str, ways: tuple[int, int], recipe: Recipe, data: Path, home: Path) -> float:
    """Return the seconds from the first step of the first training to the end of the second."""
    jobs, threads = ways

    def ticket(design: str, source: str, seed: int) -> Ticket:
        folder = f"{design}-{seed}"
        return Ticket(Key(design, "standard", seed), recipe.changed(seed=seed), source, home, folder)

    warm = [ticket("warm", "mlp", seed) for seed in range(jobs)]
    tickets = [ticket("real", spec, seed) for seed in range(2)]
    start = None
    for trained, message in serve([*warm, *tickets], data, threads=threads, jobs=jobs):
        if trained.key.design == "real" and start is None:
            start = perf_counter()
        assert "trial" not in message or message["trial"]["finished"], message
    assert start is not None
    return perf_counter() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--repeats", type=int, default=3)
    given = options.parse_args()
    recipe = Recipe(device="cpu", epochs=given.epochs)
    with tempfile.TemporaryDirectory() as place:
        data = Path(place, "data")
        pack(Data.load("digits"), data)
        for spec in ("plain20", "resnet20", "plain56"):
            taken: dict[str, list[float]] = {way: [] for way in WAYS}
            for repeat in range(given.repeats):
                for way in list(WAYS)[:: 1 if repeat % 2 == 0 else -1]:
                    with tempfile.TemporaryDirectory() as home:
                        taken[way].append(seconds(spec, WAYS[way], recipe, data, Path(home)))
            shown = ", ".join(f"{way} {median(values):.1f} s" for way, values in taken.items())
            ratio = median(taken["1 job x 2 threads"]) / median(taken["2 jobs x 1 thread"])
            print(f"{spec}: {shown}; {ratio:.2f} times as fast with two jobs")


if __name__ == "__main__":
    main()
