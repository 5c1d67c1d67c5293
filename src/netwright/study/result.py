"""The result of a study, as data; the table, the page and `study.json` are views of it.

Errors are fractions of 1, measured at the end of training: nothing is chosen on the test split. The fields of
`study.json` are those of the classes below, with the same names; docs/study-json.md describes them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any, Self

from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from netwright.durable import read as read_file
from netwright.errors import RunError
from netwright.study import table
from netwright.study.stats import Spread, paired, spread
from netwright.study.trial import METRIC, SPLITS, Count, Trial
from netwright.study.verdict import Verdict, outcome, words

FORMAT, VERSION = "netwright-study", 2
FILE = "study.json"

Name = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
"""A text on one line, without characters that control a terminal."""


class DataFacts(TypedDict):
    """What a study says about its data; `train`, `valid` and `test` count examples."""

    name: Name
    digest: Name
    input: list[Count]
    classes: Count
    train: Count
    valid: Count
    test: Annotated[Count, Field(gt=0)]


@dataclass(frozen=True)
class Design:
    """A network under comparison.

    `spec` is the text it was given as; for a function, its name. `fingerprint` tells whether the network is
    still the one that was trained. `params` counts parameters, `macs` the multiply-accumulates of one
    example; both are None where they cannot be counted.
    """

    name: Name
    spec: Name
    fingerprint: Name
    params: Count | None
    macs: Count | None


@dataclass(frozen=True)
class Arm:
    """A design trained with a recipe, both by name, and its trials by ascending seed.

    The word is that of clinical trials: an arm is what is compared.
    """

    design: Name
    recipe: Name
    trials: list[Trial]

    @property
    def finished(self) -> list[Trial]:
        """The trials that reached their end."""
        return [trial for trial in self.trials if trial.finished]

    def errors(self, split: str) -> dict[int, float]:
        """Return the final error of each finished trial, by its seed."""
        return {trial.seed: trial.error(split) for trial in self.finished}

    def error(self, split: str) -> Spread | None:
        """Return mean and deviation of the final error, or None if no trial finished."""
        return spread(list(self.errors(split).values()))

    def curve(self, split: str) -> Iterator[tuple[int, Spread]]:
        """Yield each epoch, and the error over the finished trials that reached it."""
        epochs: dict[int, list[float]] = {}
        for trial in self.finished:
            for row in trial.epochs:
                epochs.setdefault(int(row["epoch"]), []).append(float(row[split][METRIC]))
        for epoch, errors in sorted(epochs.items()):
            error = spread(errors)
            assert error is not None
            yield epoch, error

    @property
    def seconds(self) -> float | None:
        """The mean duration of a finished trial."""
        return fmean(trial.seconds for trial in self.finished) if self.finished else None

    @property
    def failures(self) -> list[str]:
        """Why trials failed: `seed 1: …`, or one entry without a seed where all seeds failed alike."""
        reasons = {trial.seed: trial.failure for trial in self.trials if trial.failure}
        if len(reasons) == len(self.trials) and len(set(reasons.values())) == 1:
            return list(dict.fromkeys(reasons.values()))
        return [f"seed {seed}: {reason}" for seed, reason in reasons.items()]


@dataclass(frozen=True, repr=False)
class Study:
    """Designs, recipes and seeds on the same data.

    `recipes` holds the options of each recipe, by its name; `versions` the software and the device;
    `threads` the number of threads of each run.
    """

    folder: Path
    data: DataFacts
    recipes: Annotated[Mapping[Name, Mapping[str, Any]], Field(min_length=1)]
    threads: Count
    versions: Mapping[Name, Name]
    seeds: list[Count]
    designs: list[Design]
    arms: list[Arm]

    @property
    def failed(self) -> bool:
        """Whether some run did not finish."""
        return any(trial.failure for arm in self.arms for trial in arm.trials)

    @property
    def page(self) -> Path:
        """The path of the report."""
        return self.folder / "report.html"

    def label(self, design: str, recipe: str) -> str:
        """Return how an arm is called: by its design alone where the study has one recipe."""
        return design if len(self.recipes) == 1 else f"{design} with {recipe}"

    def design(self, arm: Arm) -> Design:
        """Return the design of an arm."""
        return next(design for design in self.designs if design.name == arm.design)

    @property
    def pairs(self) -> list[tuple[Arm, Arm]]:
        """The arms that differ in either design or recipe, not in both.

        First come the designs, recipe by recipe, then the recipes, design by design.
        """
        order = list(self.recipes)
        pairs = [
            (a, b) for a, b in combinations(self.arms, 2) if (a.design == b.design) != (a.recipe == b.recipe)
        ]
        return sorted(
            pairs, key=lambda p: len(order) if p[0].design == p[1].design else order.index(p[0].recipe)
        )

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdict on each of the `pairs`, judged by the test error over their common seeds."""
        return [self._verdict(first, second) for first, second in self.pairs]

    def _verdict(self, first: Arm, second: Arm) -> Verdict:
        interval = paired(first.errors("test"), second.errors("test"), resolution=1 / self.data["test"])
        if first.design == second.design:
            text = f"For {first.design}, {words(first.recipe, second.recipe, interval)}"
            return Verdict(first.recipe, second.recipe, first.design, None, interval, text)
        text = words(first.design, second.design, interval)
        text = text if len(self.recipes) == 1 else f"With {first.recipe}, {text}"
        return Verdict(first.design, second.design, None, first.recipe, interval, text)

    @property
    def headline(self) -> str:
        """The outcome in one sentence: which arm has the lowest test error, and which it is better than."""
        errors = [(arm, error) for arm in self.arms if (error := arm.error("test")) is not None]
        if not errors:
            return "No run finished, so there is nothing to compare."
        if len(self.arms) == len(errors) == 2 and self.verdicts:
            return self.verdicts[0].text
        best, lowest = min(errors, key=lambda each: each[1].mean)
        better: list[str] = []
        even: list[str] = []
        for (first, second), verdict in zip(self.pairs, self.verdicts, strict=True):
            other = second if first is best else first
            if best in (first, second) and other.finished:
                tells = verdict.better == (verdict.first if first is best else verdict.second)
                (better if tells else even).append(self.label(other.design, other.recipe))
        return outcome(self.label(best.design, best.recipe), lowest, better, even)

    def to_json(self) -> dict[str, Any]:
        """Return the content of `study.json`."""
        facts = {name: value for name, value in asdict(self).items() if name != "folder"}
        for arm, facts_of_arm in zip(self.arms, facts["arms"], strict=True):
            for split in SPLITS:
                error = arm.error(split)
                facts_of_arm[f"{split}_error"] = error._asdict() if error else None
            facts_of_arm["seconds"] = arm.seconds
        verdicts = [{**asdict(verdict), "better": verdict.better} for verdict in self.verdicts]
        return _finite({"format": FORMAT, "version": VERSION, **facts, "verdicts": verdicts})

    @classmethod
    def read(cls, folder: str | Path) -> Self:
        """Read the study in `folder`. The file is data: nothing that it names is imported, built or opened.

        Raises:
            RunError: there is no study, or it is damaged or of another version.
        """
        path = Path(folder) / FILE
        try:
            facts = json.loads(read_file(path), parse_constant=_refused)
            if (facts["format"], facts["version"]) != (FORMAT, VERSION):
                raise RunError(
                    f"`{path}` is version {facts['version']} of {facts['format']}; only version {VERSION} of "
                    f"{FORMAT} can be read. Give another folder."
                )
            return TypeAdapter(cls).validate_python({**facts, "folder": Path(folder)})._checked()
        except OSError as error:
            raise RunError(f"there is no study in `{folder}`: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise RunError(f"`{path}` is damaged ({_reason(error)}); move it away to begin anew.") from error

    def _checked(self) -> Self:
        """Refuse an arm of an unknown design or recipe, and anything that is there twice."""
        known = {(design.name, recipe) for design in self.designs for recipe in self.recipes}
        arms = [(arm.design, arm.recipe) for arm in self.arms]
        if not known.issuperset(arms):
            raise ValueError("an arm names an unknown design or recipe")
        names = [design.name for design in self.designs]
        seeds = [(arm.design, arm.recipe, trial.seed) for arm in self.arms for trial in arm.trials]
        if any(len(set(keys)) < len(keys) for keys in (names, arms, seeds)):
            raise ValueError("a design, an arm or a seed is there twice")
        return self

    def __str__(self) -> str:
        return table.text(self)

    def __repr__(self) -> str:
        arms = ", ".join(self.label(arm.design, arm.recipe) for arm in self.arms)
        return f"<Study of {arms} on {self.data['name']} in {str(self.folder)!r}>"

    def _repr_html_(self) -> str:
        return table.html(self)


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _reason(error: Exception) -> str:
    """Say in one line what is wrong with a file."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _finite(value: Any) -> Any:
    """Replace nan and infinity, which JSON does not have, by None."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value
