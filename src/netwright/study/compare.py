"""Compare designs fairly: the same seeds, the same examples in the same order, the same recipe."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from netwright.data.examples import Data
from netwright.data.source import load
from netwright.errors import UsageError
from netwright.study import folder, machine, plan
from netwright.study.candidate import Build, candidates
from netwright.study.events import Ended, Event, Moved, Planned
from netwright.study.parcel import pack
from netwright.study.pool import serve
from netwright.study.result import Design, Study, Trial
from netwright.study.trial import Ticket, attempt, kept
from netwright.training.recipe import Recipe

Listen = Callable[[Event], None]


def compare(
    designs: Sequence[str] | Mapping[str, str | Build],
    data: Data | str,
    recipe: Recipe | None = None,
    *,
    seeds: int = 3,
    out: str | Path,
    jobs: int | None = None,
    listen: Listen | None = None,
) -> Study:
    """Train every design from every seed and judge each pair by the test error at the end of training.

    Finished trials found in `out` are kept, interrupted ones go on where they stopped, failed ones are tried
    again. A design that fails does not stop the others: its trial says why. Specs are trained in processes of
    their own, functions one after another in this one. On a CPU each run has one thread (or what
    OMP_NUM_THREADS says), so the result does not depend on `jobs`.

    Args:
        designs: specs; or by name specs and functions that build a network anew.
        data: a name for `netwright.data.source.load`, or the data.
        recipe: how to train; the standard one by default. Seeds count up from its seed.
        seeds: runs of each design.
        out: folder of the study; a study there is extended by designs and seeds.
        jobs: trainings at a time; by default one a core, or one on an accelerator.
        listen: is told what happens.

    Raises:
        UsageError: a design that names nothing or cannot be built, no seeds, or a folder of another study.
    """
    for name, value in {"seeds": seeds, "jobs": jobs}.items():
        if value is not None and value < 1:
            raise UsageError(f"`{name}` (={value}) must be at least 1.")
    chosen, recipe = candidates(designs), recipe or Recipe()
    data = load(data) if isinstance(data, str) else data
    out = Path(out)
    study = Study(
        folder=out,
        data=plan.facts(data),
        recipe=recipe.model_dump(mode="json"),
        threads=machine.threads(),
        versions=machine.versions(recipe),
        seeds=[recipe.seed + index for index in range(seeds)],
        designs=[candidate.measure(data) for candidate in chosen],
    )
    with folder.claimed(out) as known:
        tickets = plan.tickets(study, chosen)
        if known is not None:
            folder.refuse(known, study)
            study = plan.joined(known, study)
        _train(Progress(study, listen or (lambda event: None)), tickets, data, recipe, jobs)
    return Study.read(out)


class Progress:
    """The study so far, written after each trial, and whoever listens."""

    def __init__(self, study: Study, listen: Listen):
        self.study, self.listen = study, listen

    def hear(self, ticket: Ticket, message: Mapping) -> None:
        """Pass on what `attempt` tells of `ticket`."""
        self.listen(Moved(ticket.design, ticket.seed, **message))

    def end(self, ticket: Ticket, trial: Trial) -> None:
        """Put a trial into the study."""
        self.keep(ticket, trial)
        folder.save(self.study)
        self.listen(Ended(ticket.design, trial))

    def keep(self, ticket: Ticket, trial: Trial) -> None:
        """The same without a word."""
        designs = [d if d.name != ticket.design else _with(d, trial) for d in self.study.designs]
        self.study = replace(self.study, designs=designs)


def _train(progress: Progress, tickets: list[Ticket], data: Data, recipe: Recipe, jobs: int | None) -> None:
    """Train what is not finished: specs in workers, then functions here."""
    todo = []
    for ticket in tickets:
        trial = kept(ticket, recipe)
        if trial is None:
            todo.append(ticket)
        else:
            progress.keep(ticket, trial)
    folder.save(progress.study)
    specs = [ticket for ticket in todo if isinstance(ticket.source, str)]
    jobs = min(jobs or machine.jobs(recipe, progress.study.threads), max(1, len(specs)))
    progress.listen(Planned(plan.shares(progress.study, todo), len(tickets) - len(todo), jobs))
    with tempfile.TemporaryDirectory(prefix="netwright-") as place:
        parcel = Path(place, "data.safetensors")
        pack(data, parcel)
        settings = {"data": str(parcel), "recipe": recipe.model_dump(mode="json")}
        with closing(serve(specs, settings | {"threads": progress.study.threads}, jobs)) as heard:
            for ticket, message in heard:
                if "trial" in message:
                    progress.end(ticket, Trial(**message["trial"]))
                else:
                    progress.hear(ticket, message)
    with machine.limited(progress.study.threads):
        for ticket in todo:
            if not isinstance(ticket.source, str):
                progress.end(ticket, attempt(ticket, data, recipe, partial(progress.hear, ticket)))
    folder.publish(progress.study)


def _with(design: Design, trial: Trial) -> Design:
    others = [other for other in design.trials if other.seed != trial.seed]
    return replace(design, trials=sorted([*others, trial], key=lambda trial: trial.seed))
