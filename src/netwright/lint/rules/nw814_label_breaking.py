"""An augmentation turns examples of one class into another.

What. A flip, a turn or another augmentation after which examples of one class look like true examples of
another, as a 6 that is turned upside down looks like a 9.

Why. An augmentation says which changes leave the label as it is. One that does not leave it teaches wrong
labels: of the digits of scikit-learn, a half turn makes nines of half of the sixes, and nothing in the loss
tells. The augmentations that help photographs are wrong for characters, signs and anatomy.

Guard. The nearest-neighbour probe: an augmented training example turns into a class if its nearest training
example is of that class and is as near as 95 % of the true examples of that class are to each other. Both
classes must be told apart by their nearest neighbours in at least 80 % of the cases, so where pixels do not
show the class (CIFAR-10), the probe says nothing. It reports from a tenth of a class on, and only where the
exact test of Fisher finds p < .001. Without `--recipe` or `--augment`, flips and a half turn are probed, as
an info.

Instead.

    netwright train resnet20 --data digits --augment "crop(padding=1)"  # no flip
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from torch import Tensor

    from netwright.lint.survey.probe import Probe, Sample
    from netwright.lint.survey.survey import Survey

LEAST = 0.1
"""The share of a class that must turn into another, beyond what looks so without the augmentation."""
KNOWN = 0.8
"""The share of a class whose nearest neighbour must be of that class, or the probe cannot judge it."""
FEWEST = 10
"""The fewest changed examples of a class."""
LEVEL = 0.001
SHOWN = 0.02


def look(survey: "Survey") -> Iterator[Remark]:
    """Report the augmentations that turn one class into another."""
    train = survey.parts.get("train")
    if not survey.again or survey.augment == () or train is None or train.labels is None:
        return
    from netwright.lint.survey.probe import Prober, sample

    chosen = sample(train)
    if chosen is None or int(chosen.labels.min()) < 0 or int(chosen.labels.max()) >= len(survey.classes):
        return
    prober = Prober(chosen, len(survey.classes))
    if int((prober.before.diagonal() >= KNOWN).sum()) < 2:
        return
    for name, augment in _augmentations(survey, chosen).items():
        probe = prober.probe(augment)
        if pairs := _broken(probe):
            yield _remark(survey, name, probe, pairs)


def _augmentations(survey: "Survey", chosen: "Sample") -> Mapping[str, Callable[["Tensor"], "Tensor"]]:
    """Return the augmentations that are meant, each by itself and by its name."""
    from netwright.data.augment import build
    from netwright.lint.survey.probe import turns

    shape = tuple(chosen.inputs.shape[1:])
    if survey.augment is None:
        return turns(len(shape) - 1)

    def alone(stage: Any) -> Callable[["Tensor"], "Tensor"]:
        built = build([stage], input=shape)
        return lambda inputs: built(inputs, {})[0]

    return {f"`{stage}`" if isinstance(stage, str) else str(stage): alone(stage) for stage in survey.augment}


def _broken(probe: "Probe") -> list[tuple[int, int]]:
    """Return the classes that turn into another, and that one; the most frequent first."""
    excess = probe.after - probe.before
    known = probe.before.diagonal() >= KNOWN
    pairs = [
        (float(excess[i, j]), i, j)
        for i, j in (excess >= LEAST).nonzero().tolist()
        if i != j and known[i] and known[j] and probe.counts[i] >= FEWEST and probe.p(i, j) < LEVEL
    ]
    return [(i, j) for _, i, j in sorted(pairs, reverse=True)]


def _remark(survey: "Survey", name: str, probe: "Probe", pairs: list[tuple[int, int]]) -> Remark:
    def words(i: int, j: int) -> str:
        return f"{probe.after[i, j]:.0%} of `{survey.name_of(i)}` into `{survey.name_of(j)}`"

    more = f", and {len(pairs) - 2} more" if len(pairs) > 2 else ""
    first = pairs[0]
    return Remark(
        survey.place,
        f"{name} turns {' and '.join(words(*pair) for pair in pairs[:2])}{more} "
        f"({probe.before[first]:.0%} of `{survey.name_of(first[0])}` look so without it).",
        module=name.strip("`"),
        evidence={
            "augmentation": name.strip("`"),
            "table": _table(survey, probe),
            "after": _named(survey, probe.after),
            "before": _named(survey, probe.before),
        },
        fix=Fix(f"leave {name} out of the augmentations of these data"),
        severity="info" if survey.augment is None else None,
    )


def _table(survey: "Survey", probe: "Probe") -> list[str]:
    """Return a line for each class that turns into another: with and without the augmentation."""
    excess = (probe.after - probe.before).fill_diagonal_(0)
    shown = sorted(
        ((float(excess[i, j]), i, j) for i, j in (excess >= SHOWN).nonzero().tolist()), reverse=True
    )
    names = [(survey.name_of(i), survey.name_of(j), i, j) for _, i, j in shown[:12]]
    width = max(4, *(len(name) for row in names for name in row[:2]))
    rows = [
        f"{one:<{width}}  {two:<{width}}  {probe.after[i, j]:4.0%}  {probe.before[i, j]:7.0%}  "
        f"{int(probe.counts[i]):8}"
        for one, two, i, j in names
    ]
    return [f"{'from':<{width}}  {'into':<{width}}  with  without  examples", *rows]


def _named(survey: "Survey", rates: "Tensor") -> dict[str, dict[str, float]]:
    """Return the rates that are not 0 by the names of the classes."""
    return {
        survey.name_of(i): {survey.name_of(j): round(rate, 4) for j, rate in enumerate(row) if rate}
        for i, row in enumerate(rates.tolist())
    }


RULE = Rule("warning", "manual", data=look)
