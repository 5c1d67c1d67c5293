"""The facts of a run's model card: those that its training stored, and those that can be measured later."""

from collections.abc import Callable
from dataclasses import replace
from math import isclose
from typing import TYPE_CHECKING

from torch import nn

from netwright.data.examples import Data
from netwright.errors import RunError
from netwright.training.evaluation import evaluation
from netwright.training.model_card.facts import Facts, Network, Sizes
from netwright.training.model_card.scores import scores

if TYPE_CHECKING:
    from netwright.training.result import Run


def complete(
    run: "Run", data: Data | str | None, build: Callable[[], nn.Module], load: Callable[[], nn.Module]
) -> Facts:
    """Return the facts of a run: stored ones, and what `data` adds to them.

    Args:
        run: The run.
        data: The data of the training, or its name; without it, scores that are not stored stay unknown.
        build: Builds the network.
        load: Builds it with the weights that validation chose.

    Raises:
        RunError: The data is not that of the training, or the task is not installed.
    """
    facts = stored(run)
    if facts.network is None:
        facts = replace(facts, network=Network.of(build(), tuple(run.data["input"]), run.spec))
    if data is None:
        return facts
    data = Data.load(data) if isinstance(data, str) else data
    if data.digest != run.data["digest"]:
        raise RunError(
            f"the content of {data.name} is not that of {run.data['name']}, which the run in `{run.folder}` "
            "was trained on; a model card gives the scores on the data of the training. Use `Run.evaluate` "
            "for other data."
        )
    facts = replace(facts, data=Sizes.of(data))
    return scores(evaluation(run, data, load()), data.classes).beside(facts)


def stored(run: "Run") -> Facts:
    """Return the facts in the folder of a run, without scores that are not those of its best epoch."""
    facts = Facts.read(run.folder)
    known = (facts.metrics or {}).get(run.monitor)
    test = run.best["test"][run.monitor] if run.best else None
    if known is not None and test is not None and isclose(known.value, test, rel_tol=1e-4, abs_tol=1e-9):
        return facts
    return replace(facts, metrics=None, classes=None)
