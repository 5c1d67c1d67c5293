"""How many of the faults that are put into good programs does `netwright check` find?

    python benchmarks/recall.py [--operator NAME …] [--limit 20] [--json FILE] [--misses]

The good programs are training scripts in the style of github.com/pytorch/examples (`examples/`), the good
fixtures of our rules, and networks of timm where it is installed. Every operator of `faults/` puts one kind
of fault into them, at every place where it can; `--limit` draws some of these mutants, the same ones each
time. A mutant parses and differs from its program. Where the fault is in a network, torch confirms that the
network is still built, that it has the fault, and that its forward pass goes through the changed line. What
is reported for the good program is not counted.

The columns are: *found*, by the rule that the operator names; *at line*, found at a statement of the fault
or one line beside it; *other*, not found, but another rule reports something new or the network is refused
with a message; *fixes*, how many of the findings at the line have a fix; *restored*, how many of these
fixes give the good program back. A star marks a rule that does not exist yet.
"""

import argparse
import ast
import contextlib
import gc
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import asdict
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import FrameType

import torch
import zoos
from faults import OPERATORS, Mutant, Operator, Source
from faults.operator import Oracle, attempt, runs
from faults.released import released
from faults.verdict import Verdict, misses, summary, table
from rich.progress import Progress

import netwright as nw
from netwright.errors import UsageError
from netwright.lint.finding import Finding
from netwright.lint.fix import apply

HERE = Path(__file__).parent
EXAMPLES = HERE / "examples"
FIXTURES = HERE.parent / "tests" / "lint" / "rules" / "programs"
TOKENS = 100
CRASHES = (AssertionError, AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError)


def programs() -> Iterator[Source]:
    """Every good program."""
    for file in [*sorted(EXAMPLES.glob("*.py")), *sorted(FIXTURES.glob("*_good.py"))]:
        yield Source(file.stem, file.read_text(encoding="utf-8"))
    yield from released()


def inputs(text: str) -> list[tuple[int, ...] | torch.Tensor]:
    """The inputs that a line `# check: Net 3x32x32 16:tokens` declares: shapes, and whole numbers."""
    declared: list[tuple[int, ...] | torch.Tensor] = []
    for part in text.split():
        sizes, _, kind = part.partition(":")
        shape = tuple(map(int, sizes.split("x")))
        drawn = torch.Generator().manual_seed(0)
        declared.append(torch.randint(0, TOKENS, (2, *shape), generator=drawn) if kind else shape)
    return declared


def examples(text: str) -> list[torch.Tensor]:
    """Tensors for the inputs of such a line, two examples in each; no network is drawn from their seed."""
    torch.manual_seed(7)
    return [torch.randn(2, *given) if isinstance(given, tuple) else given for given in inputs(text)]


@contextlib.contextmanager
def written(source: Source, text: str) -> Iterator[str]:
    """The path of a file with this text; what it imports and adds to the search path is taken back."""
    modules, path = set(sys.modules), list(sys.path)
    with TemporaryDirectory(prefix="recall-") as folder:
        file = Path(folder) / f"{source.name}.py"
        file.write_text(text, encoding="utf-8")
        yield str(file)
    sys.path[:] = path
    for name in [name for name in set(sys.modules) - modules if name.startswith(source.name)]:
        del sys.modules[name]


def findings(source: Source, path: str, *, network: bool) -> tuple[list[Finding], list[str]]:
    """The findings in a file and its networks; `refused` or `crashed` for each that was not checked."""
    reported, unchecked = [], []
    wanted: list[tuple[str, object]] = [(path, None)]
    for spec, text in source.targets if network else ():
        given = inputs(text)
        wanted.append((f"{path}:{spec}", given[0] if len(given) == 1 else given))
    for target, given in wanted:
        try:
            reported += nw.check(target, given)
        except UsageError:
            unchecked.append("refused")
        except CRASHES as error:
            print(f"CRASH {source.name} {target.rpartition(':')[2]}: {error!r}", file=sys.stderr)
            unchecked.append("crashed")
    return [one for one in reported if os.path.abspath(one.file) == os.path.abspath(path)], unchecked


class Bench:
    """Judges mutants; remembers what is reported for the good programs."""

    def __init__(self) -> None:
        self.known: dict[str, set[tuple[str, str]]] = {}
        self.answers: dict[tuple[Oracle, str], bool] = {}

    def already(self, source: Source) -> set[tuple[str, str]]:
        """The codes that a good program has reported, each with the text of its line."""
        if source.name not in self.known:
            with written(source, source.text) as path:
                reported, _ = findings(source, path, network=True)
            self.known[source.name] = {(one.code, line_of(source.text, one)) for one in reported}
        return self.known[source.name]

    def real(self, operator: Operator, source: Source, mutant: Mutant) -> bool:
        """The mutant parses, differs, and has the fault by torch's own word."""
        if dumped(mutant.text) in (None, dumped(source.text)):
            return False
        if operator.oracle is None:
            return bool(source.targets) or operator.scripts or not operator.network
        if operator.oracle is not runs and self.flawed(operator.oracle, source):
            return False
        first, last = mutant.spans[0]
        return has(operator.oracle, source, mutant.text, set(range(first, last + 1)))

    def flawed(self, oracle: Oracle, source: Source) -> bool:
        """The good program already has what an oracle looks for."""
        key = (oracle, source.name)
        if key not in self.answers:
            self.answers[key] = has(oracle, source, source.text)
        return self.answers[key]

    def judge(self, operator: Operator, source: Source, mutant: Mutant) -> Verdict:
        """Check a mutant."""
        already = self.already(source)
        with written(source, mutant.text) as path:
            start = time.perf_counter()
            reported, unchecked = findings(source, path, network=operator.network)
            seconds = time.perf_counter() - start
        new = [one for one in reported if (one.code, line_of(mutant.text, one)) not in already]
        named = [one for one in new if one.code == operator.code]
        right = [one for one in named if mutant.covers(one.line)]
        fixed = [one for one in right if one.fix and one.fix.edits]
        texts = [apply(mutant.text, [one]).text for one in fixed]
        others = {one.code for one in new if one.code != operator.code} | set(unchecked)
        return Verdict(
            operator.name,
            operator.code,
            source.name,
            mutant.spans[0][0],
            tuple(sorted({one.line for one in named})),
            bool(named),
            bool(right),
            tuple(sorted(others)),
            bool(fixed),
            any(dumped(text) == dumped(source.text) for text in texts),
            round(seconds, 3),
            changed(source, mutant),
        )


def dumped(text: str) -> str | None:
    """The program without its formatting, None where it is not Python."""
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return None


def has(oracle: Oracle, source: Source, text: str, lines: Set[int] = frozenset()) -> bool:
    """Some network of a text has a fault, and its run passes one of these lines where there are any."""
    with written(source, text) as path:
        return any(
            confirmed(oracle, f"{path}:{spec}", examples(shape), lines) for spec, shape in source.targets
        )


def confirmed(oracle: Oracle, spec: str, given: list[torch.Tensor], lines: Set[int]) -> bool:
    """True when a network has the fault by an oracle, and building and running it passes one of the lines."""
    passed: set[int] = set()
    path = spec.partition(".py:")[0] + ".py"

    def follow(frame: FrameType, event: str, _: object) -> Callable | None:
        if frame.f_code.co_filename != path or frame.f_code.co_name == "<module>":
            return None
        passed.add(frame.f_lineno)
        return follow

    try:
        if not oracle(lambda: nw.load(spec), given):
            return False
        sys.settrace(follow)
        attempt(lambda: nw.load(spec), given)
    except (UsageError, NameError, RuntimeError):
        return False
    finally:
        sys.settrace(None)
    return not lines or bool(passed & lines)


def line_of(text: str, finding: Finding) -> str:
    """The text of the line that a finding is at."""
    return text.split("\n")[finding.line - 1].strip()


def changed(source: Source, mutant: Mutant) -> str:
    """The first line of a mutant that the good program does not have, or the one that it lacks."""
    before, after = source.text.split("\n"), mutant.text.split("\n")
    new = [line.strip() for line in after if line not in before and line.strip()]
    gone = [line.strip() for line in before if line not in after and line.strip()]
    first = [line.strip() for line, other in zip(after, before, strict=False) if line != other]
    return (new or [f"without: {line}" for line in gone] or first)[0]


def drawn(operator: Operator, sources: list[Source]) -> Iterator[tuple[Source, Mutant]]:
    """The mutants of an operator in a random order, one of every program in turn."""
    waiting = [(source, list(operator.mutate(source))) for source in sources]
    for source, mutants in waiting:
        Random(f"{operator.name} {source.name}").shuffle(mutants)  # noqa: S311  # which, is no secret
    while any(mutants for _, mutants in waiting):
        for source, mutants in waiting:
            if mutants:
                yield source, mutants.pop()


def judged(operator: Operator, sources: list[Source], limit: int, bench: Bench) -> Iterator[Verdict]:
    """The verdicts on up to `limit` real mutants of an operator."""
    count = 0
    for source, mutant in drawn(operator, sources):
        if count == limit:
            return
        if bench.real(operator, source, mutant):
            count += 1
            yield bench.judge(operator, source, mutant)


def prepare() -> None:
    """Import torchvision as a stand-in where it is missing, and keep mutants quiet and out of caches."""
    sys.dont_write_bytecode = True
    sys.meta_path.append(zoos.Finder())
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--operator", nargs="*", choices=OPERATORS, default=list(OPERATORS))
    parser.add_argument("--limit", type=int, default=20, help="mutants of each operator")
    parser.add_argument("--json", type=Path, help="where to write every verdict")
    parser.add_argument("--misses", action="store_true", help="list what the named rules do not find")
    options = parser.parse_args(words)
    prepare()
    sources, bench, verdicts = list(programs()), Bench(), list[Verdict]()
    with Progress(disable=not sys.stdout.isatty(), transient=True) as progress:
        for name in progress.track(options.operator, description="operators"):
            verdicts += judged(OPERATORS[name], sources, options.limit, bench)
            gc.collect()
    print(table(verdicts), "", *summary(verdicts), sep="\n")
    if options.misses:
        print("", *misses(verdicts), sep="\n")
    if options.json:
        options.json.write_text(json.dumps([asdict(verdict) for verdict in verdicts], indent=1) + "\n")


if __name__ == "__main__":
    main()
