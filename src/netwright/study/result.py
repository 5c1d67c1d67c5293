"""What a study found, as data; the table, the page and `study.json` are views of it.

Errors are fractions of 1, those of the end of training: nothing is chosen on the test split. The fields of
`study.json` are those of the classes below, named alike; docs/study-json.md describes them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import combinations
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

from netwright.errors import RunError
from netwright.study.verdict import Verdict, judge

FORMAT, VERSION = "netwright-study", 1
FILE = "study.json"
METRIC = "error"


class Spread(NamedTuple):
    """Mean and deviation (n - 1) over `seeds` runs; the deviation of one run is None."""

    mean: float
    deviation: float | None
    seeds: int


@dataclass(frozen=True)
class Trial:
    """One run: a design trained from one seed. `failure` is why it did not finish, empty if it did.

    `epochs` are the rows of the run's `metrics.jsonl`; `folder` is relative to the study's.
    """

    seed: int
    folder: str
    epochs: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    finished: bool = False
    failure: str = ""

    def error(self, split: str) -> float:
        """The error on `split` at the end of training."""
        return float(self.epochs[-1][split][METRIC])


@dataclass(frozen=True)
class Design:
    """A network under comparison, and its trials by ascending seed.

    `spec` is the text it was given as; for a callable, its name. `fingerprint` tells whether the network is
    still the one that was trained. `params` counts parameters, `macs` the multiply-accumulates of one
    example; None where they cannot be counted.
    """

    name: str
    spec: str
    fingerprint: str
    params: int | None
    macs: int | None
    trials: list[Trial]

    @property
    def finished(self) -> list[Trial]:
        """The trials that reached their end."""
        return [trial for trial in self.trials if trial.finished]

    def errors(self, split: str) -> dict[int, float]:
        """Final error by seed of the finished trials."""
        return {trial.seed: trial.error(split) for trial in self.finished}

    def error(self, split: str) -> Spread | None:
        """Mean and deviation of the final error; None if no trial finished."""
        return spread(list(self.errors(split).values()))

    @property
    def seconds(self) -> float | None:
        """Mean seconds of a finished trial."""
        return fmean(trial.seconds for trial in self.finished) if self.finished else None

    @property
    def failures(self) -> list[str]:
        """Why trials failed: `seed 1: …`, one entry where all seeds failed alike."""
        reasons = {trial.seed: trial.failure for trial in self.trials if trial.failure}
        if len(reasons) == len(self.trials) and len(set(reasons.values())) == 1:
            return list(dict.fromkeys(reasons.values()))
        return [f"seed {seed}: {reason}" for seed, reason in reasons.items()]


@dataclass(frozen=True)
class Study:
    """Designs x seeds on the same data with the same recipe.

    `data` holds name, digest, input, classes and the sizes of the splits; `versions` what it ran with;
    `threads` how many each run had.
    """

    folder: Path
    data: Mapping[str, Any]
    recipe: Mapping[str, Any]
    threads: int
    versions: Mapping[str, str]
    seeds: list[int]
    designs: list[Design]

    @property
    def failed(self) -> bool:
        """Some run did not finish."""
        return any(trial.failure for design in self.designs for trial in design.trials)

    @property
    def verdicts(self) -> list[Verdict]:
        """Every pair of designs in the order given, judged by the test error over their common seeds."""
        grain = 1 / self.data["test"]
        pairs = combinations([(design.name, design.errors("test")) for design in self.designs], 2)
        return [judge(first, second, resolution=grain) for first, second in pairs]

    @property
    def page(self) -> Path:
        """Where the report is."""
        return self.folder / "report.html"

    def curve(self, design: Design, split: str) -> Iterator[tuple[int, Spread]]:
        """Epoch, and the error over the finished trials that reached it."""
        epochs: dict[int, list[float]] = {}
        for trial in design.finished:
            for row in trial.epochs:
                epochs.setdefault(int(row["epoch"]), []).append(float(row[split][METRIC]))
        for epoch, errors in sorted(epochs.items()):
            found = spread(errors)
            assert found is not None
            yield epoch, found

    def to_json(self) -> dict[str, Any]:
        """The content of `study.json`."""
        facts = {name: value for name, value in asdict(self).items() if name != "folder"}
        for design, facts_of in zip(self.designs, facts["designs"], strict=True):
            for split in ("train", "valid", "test"):
                found = design.error(split)
                facts_of[f"{split}_error"] = found._asdict() if found else None
            facts_of["seconds"] = design.seconds
        verdicts = [{**asdict(verdict), "better": verdict.better} for verdict in self.verdicts]
        return _finite({"format": FORMAT, "version": VERSION, **facts, "verdicts": verdicts})

    @classmethod
    def read(cls, folder: str | Path) -> "Study":
        """Read the study in `folder`.

        Raises:
            RunError: there is none, or it is damaged or of another version.
        """
        path = Path(folder) / FILE
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            if (facts["format"], facts["version"]) != (FORMAT, VERSION):
                raise RunError(f"`{path}` is version {facts['version']} of {facts['format']}, not {VERSION}.")
            names = [name for name in cls.__dataclass_fields__ if name not in {"folder", "designs"}]
            designs = [_design(values) for values in facts["designs"]]
            return cls(folder=Path(folder), designs=designs, **{name: facts[name] for name in names})
        except OSError as error:
            raise RunError(f"there is no study in `{folder}`: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise RunError(f"`{path}` is damaged ({error}); move it away to begin anew.") from error


def _design(facts: dict[str, Any]) -> Design:
    known = {name: facts[name] for name in Design.__dataclass_fields__ if name != "trials"}
    return Design(**known, trials=[Trial(**trial) for trial in facts["trials"]])


def spread(values: list[float]) -> Spread | None:
    """Mean and deviation of `values`.

    >>> spread([1.0, 2.0, 3.0])
    Spread(mean=2.0, deviation=1.0, seeds=3)
    """
    if not values:
        return None
    return Spread(fmean(values), stdev(values) if len(values) > 1 else None, len(values))


def _finite(value: Any) -> Any:
    """JSON has no nan and no infinity: null."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value
