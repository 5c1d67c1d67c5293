"""The result of a study, as data; the table, the page and `study.json` are views of it.

Metrics are those of the end of training: nothing is chosen on the test split. The fields of `study.json` are
those of the classes, with the same names; docs/study-json.md describes them.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, TypeAdapter, ValidationError

from netwright.data.scale import Line
from netwright.durable import read as read_file
from netwright.errors import RunError
from netwright.study import table
from netwright.study.arm import Arm, Design
from netwright.study.facts import DataFacts, TaskFacts
from netwright.study.stats import Spread, paired
from netwright.study.trial import SPLITS, Count
from netwright.study.verdict import Verdict, better, outcome, words

FORMAT, VERSION = "netwright-study", 3
FILE = "study.json"


@dataclass(frozen=True, repr=False)
class Study:
    """Designs, recipes and seeds on the same data, for the same task.

    `recipes` holds the options of each recipe, by its name; `versions` the software and the device;
    `threads` the number of threads of each run.
    """

    folder: Path
    data: DataFacts
    task: TaskFacts
    recipes: Annotated[Mapping[Line, Mapping[str, Any]], Field(min_length=1)]
    threads: Count
    versions: Mapping[Line, Line]
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

    def spread(self, arm: Arm, split: str) -> Spread | None:
        """Return mean and deviation of the monitored metric of an arm, or None if no trial has a value."""
        return arm.spread(split, self.task.monitor)

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
        """The verdict on each of the `pairs`, judged on the test split over their common seeds."""
        return [self._verdict(first, second) for first, second in self.pairs]

    def _verdict(self, first: Arm, second: Arm) -> Verdict:
        scale = self.task.scale
        one, other = (arm.values("test", self.task.monitor) for arm in (first, second))
        interval = paired(one, other, resolution=1 / self.data["test"] if scale.counted else 0.0)
        if first.design == second.design:
            names, design, recipe = (first.recipe, second.recipe), first.design, None
            prefix = f"For {first.design}, "
        else:
            names, design, recipe = (first.design, second.design), None, first.recipe
            prefix = "" if len(self.recipes) == 1 else f"With {first.recipe}, "
        text = prefix + words(*names, interval, scale)
        return Verdict(*names, design, recipe, interval, text, better(*names, interval, scale))

    @property
    def headline(self) -> str:
        """The outcome in one sentence: which arm is best on the test split, and which it is better than."""
        spreads = [(arm, value) for arm in self.arms if (value := self.spread(arm, "test")) is not None]
        if not spreads:
            return "No run finished, so there is nothing to compare."
        if len(self.arms) == len(spreads) == 2 and self.verdicts:
            return self.verdicts[0].text
        best, value = min(spreads, key=lambda each: self.task.scale.order(each[1].mean))
        worse: list[str] = []
        even: list[str] = []
        for (first, second), verdict in zip(self.pairs, self.verdicts, strict=True):
            other = second if first is best else first
            if best in (first, second) and other.finished:
                tells = verdict.better == (verdict.first if first is best else verdict.second)
                (worse if tells else even).append(self.label(other.design, other.recipe))
        return outcome(self.label(best.design, best.recipe), value, worse, even, self.task.scale)

    def to_json(self) -> dict[str, Any]:
        """Return the content of `study.json`."""
        facts = {name: value for name, value in asdict(self).items() if name != "folder"}
        for arm, facts_of_arm in zip(self.arms, facts["arms"], strict=True):
            for split in SPLITS:
                spreads = {metric: arm.spread(split, metric) for metric in self.task.measures}
                facts_of_arm[split] = {name: each and each._asdict() for name, each in spreads.items()}
            facts_of_arm["seconds"] = arm.seconds
        verdicts = [asdict(verdict) for verdict in self.verdicts]
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
        """Refuse an arm of an unknown design or recipe, a missing metric, and whatever is there twice."""
        known = {(design.name, recipe) for design in self.designs for recipe in self.recipes}
        arms = [(arm.design, arm.recipe) for arm in self.arms]
        if not known.issuperset(arms):
            raise ValueError("an arm names an unknown design or recipe")
        names = [design.name for design in self.designs]
        seeds = [(arm.design, arm.recipe, trial.seed) for arm in self.arms for trial in arm.trials]
        if any(len(set(keys)) < len(keys) for keys in (names, arms, seeds)):
            raise ValueError("a design, an arm or a seed is there twice")
        rows = [row for arm in self.arms for trial in arm.trials for row in trial.epochs]
        for row, split, metric in product(rows, SPLITS, self.task.measures):
            if metric not in row[split]:
                raise ValueError(f"epoch {row['epoch']} has no {split} {metric}")
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
