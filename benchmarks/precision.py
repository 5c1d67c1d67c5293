"""`netwright check` on released networks, for which the default rules must report no error and no warning.

Run it in an environment of its own that has netwright and what is surveyed (`pip install timm --no-deps`):

    python benchmarks/precision.py timm [--part 1/2] [--limit N] [--only NAME …]
    python benchmarks/precision.py torchvision | transformers | monai
    python benchmarks/precision.py examples FOLDER        # a clone of github.com/pytorch/examples
    python benchmarks/precision.py sources FOLDER         # any folder's scripts, as source

The networks and their inputs stand in `zoos.py` and `pytorch_examples.py`; weights are random, nothing is
downloaded. Each line has the seconds of processor time that the check took, without those of building. An
exception is printed with its findings; at the end stands how many networks were silent, and in how many each
rule spoke at all, infos included.
"""

import argparse
import gc
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from time import process_time

import pytorch_examples
import zoos
from zoos import LeftOutError, Released

import netwright as nw
from netwright.errors import UsageError
from netwright.lint.finding import Finding


def examine(released: Released, select: tuple[str, ...]) -> tuple[str, list[Finding], float]:
    """Return `silent`, `loud`, or why the network was left out, with the findings and processor seconds."""
    try:
        net = released.build()
        start = process_time()
        findings = nw.check(net, released.shape, select=select)
    except LeftOutError as reason:
        return str(reason), [], 0.0
    except UsageError as error:
        print(f"          {error}", flush=True)
        return "not run", [], 0.0
    verdict = "loud" if any(finding.severity != "info" for finding in findings) else "silent"
    return verdict, findings, process_time() - start


def survey(networks: Iterator[Released], select: tuple[str, ...]) -> None:
    """Examine networks one after the other, and print a summary."""
    verdicts: Counter[str] = Counter()
    spoke: Counter[str] = Counter()
    slowest = (0.0, "none")
    for released in networks:
        verdict, findings, seconds = examine(released, select)
        slowest = max(slowest, (seconds, released.name))
        verdicts[verdict] += 1
        codes = Counter(f"{finding.code} {finding.name} {finding.severity}" for finding in findings)
        spoke.update(codes.keys())
        spoken = " ".join(sorted({finding.code for finding in findings}))
        print(f"{verdict:9} {released.name:40} {seconds:6.2f} s  {spoken}", flush=True)
        for finding in findings:
            if finding.severity != "info":
                print(f"          {finding}", flush=True)
        gc.collect()
    print("\nnetworks:", dict(verdicts))
    print(f"slowest: {slowest[1]}, {slowest[0]:.2f} s of processor time")
    for rule, count in spoke.most_common():
        print(f"{count:5} networks: {rule}")


def sources(folder: Path) -> None:
    """Check every script of a folder as source; nothing of it is run."""
    scripts, failed, codes = 0, 0, Counter[str]()
    for file in sorted(folder.rglob("*.py")):
        scripts += 1
        try:
            findings = nw.check(str(file))
        except UsageError as error:
            failed += 1
            print(f"          {error}")
            continue
        codes.update(f"{finding.code} {finding.name} {finding.severity}" for finding in findings)
        for finding in findings:
            print(f"          {finding}")
    print(f"\nscripts: {scripts}, not read: {failed}")
    for rule, count in codes.most_common():
        print(f"{count:5} times: {rule}")


def part(networks: Iterator[Released], text: str) -> Iterator[Released]:
    """Return every n-th network: `2/3` means the second, the fifth, and so on."""
    number, _, count = text.partition("/")
    return (released for place, released in enumerate(networks) if place % int(count) == int(number) - 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("zoo", choices=[*zoos.ZOOS, "examples", "sources"], nargs="?", default="timm")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--part", default="1/1", help="as in 1/2")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--select", nargs="*", default=(), help="codes of the rules to run")
    parser.add_argument("--only", nargs="*", help="names of networks")
    options = parser.parse_args()
    if options.zoo in {"examples", "sources"} and options.folder is None:
        parser.error(f"{options.zoo} needs a folder")
    warnings.simplefilter("ignore")
    if options.zoo != "sources":
        zoo = zoos.ZOOS.get(options.zoo) or partial(pytorch_examples.networks, options.folder)
        chosen = (released for released in zoo() if released.name in (options.only or [released.name]))
        survey(islice(part(chosen, options.part), options.limit), tuple(options.select))
    if options.folder:
        sources(options.folder)


if __name__ == "__main__":
    main()
