"""Compare designs and recipes fairly: the same seeds, and the same examples in the same order."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from hashlib import sha256
from itertools import combinations, product
from pathlib import Path
from typing import Any

from netwright.data.catalogue import choose
from netwright.data.examples import Data
from netwright.data.task import Task
from netwright.errors import UsageError
from netwright.study import folder, machine
from netwright.study.arm import Arm, Design
from netwright.study.candidate import Build, Candidate, candidates, slug
from netwright.study.facts import DataFacts, TaskFacts, data_facts
from netwright.study.pool import serve
from netwright.study.progress import StudyEnded, StudyStarted, TrialAdvanced, TrialEnded
from netwright.study.result import Study
from netwright.study.settling import settled
from netwright.study.trial import Key, Ticket, Trial, attempt, finished, options
from netwright.study.worker import pack
from netwright.training.folder import Folder
from netwright.training.listener import Ended, Listener, Listeners, Started
from netwright.training.output import input_shape
from netwright.training.recipe import Recipe


def compare(  # noqa: PLR0913  # the task belongs to the question, beside the data and the recipes
    designs: Sequence[str] | Mapping[str, str | Build],
    data: Data | str,
    recipes: Recipe | Mapping[str, Recipe] | None = None,
    *,
    task: Task | str | None = None,
    seeds: int = 3,
    out: str | Path | None = None,
    jobs: int | None = None,
    listeners: Sequence[str | Listener] = (),
) -> Study:
    """Train every design with every recipe from every seed, and judge pairs by the metric of their task.

    It is the metric that the task monitors, on the test split, at the end of training. A pair that is judged
    differs either in its design or in its recipe. Finished trials in `out` are kept, interrupted ones are
    resumed, and failed ones are tried again. A design that fails does not stop the others: its trial says
    why. What the recipes leave open of number format, memory layout and compiler is settled once for all.
    Specs are trained in processes of their own; functions, and recipes that hold functions, are trained one
    after another in this process. On a CPU each run has one thread (or the number in OMP_NUM_THREADS), so
    the result does not depend on `jobs`.

    Args:
        designs: specs; or, by name, specs and functions that build a network anew.
        data: a name for `netwright.Data.load`, or the data.
        recipes: how to train: one recipe, or several by name; the standard recipe by default. They share
            the device and the seed, from which the seeds of the trials count up.
        task: what the designs are for: a name, or the task itself; without it, the one that the targets fit.
        seeds: the number of runs of each design with each recipe.
        out: the folder of the study; a study there is extended by designs, recipes and seeds. By default it
            is a folder under `studies` that belongs to the data and the first recipe, and is printed.
        jobs: how many trainings go at a time; by default one for each core, or one on an accelerator.
        listeners: functions that are called with every event of the study, and names of installed listeners,
            such as "mlflow", which are also notified of the run of each trial after it has ended.

    Raises:
        UsageError: a design that cannot be built, recipes that cannot be compared, or no seeds.
        RunError: the folder is in use, or holds another study or something else.
    """
    for name, value in {"seeds": seeds, "jobs": jobs}.items():
        if value is not None and value < 1:
            raise UsageError(f"`{name}` (={value}) must be at least 1.")
    chosen, named, notify = candidates(designs), _named(recipes), Listeners(listeners)
    data = Data.load(data) if isinstance(data, str) else data
    first = next(iter(named.values()))
    purpose = choose(data, task, **first.task_options()) if isinstance(task, str | None) else task
    place = _default_folder(data, first) if out is None else Path(out)
    facts = data_facts(data), TaskFacts.of(purpose, data)
    input, outputs = input_shape(data, first.patch), purpose.outputs(data)
    measured = [candidate.measure(input, outputs) for candidate in chosen]
    with folder.claimed(place) as known:
        named = settled(named, known, list(zip(chosen, measured, strict=True)), data, purpose)
        study = _asked(place, facts, measured, named, seeds)
        if out is None:
            sys.stderr.write(f"study: {place}\n")
        asked = folder.renamed(known, study)
        named = dict(zip(asked.recipes, named.values(), strict=True))
        study = folder.joined(known, asked) if known is not None else asked
        tickets = [replace(each, task=task) for each in _tickets(study, chosen, named, asked.seeds)]
        _train(Journal(study, notify), tickets, data, jobs or machine.jobs(first.device, study.threads))
    return Study.read(place)


def _asked(
    place: Path,
    facts: tuple[DataFacts, TaskFacts],
    designs: list[Design],
    recipes: Mapping[str, Recipe],
    seeds: int,
) -> Study:
    """Return the study that is asked for, before anything is trained."""
    first = next(iter(recipes.values()))
    return Study(
        folder=place,
        data=facts[0],
        task=facts[1],
        recipes={name: options(recipe) for name, recipe in recipes.items()},
        threads=machine.threads(),
        versions=machine.versions(first.device),
        seeds=[first.seed + index for index in range(seeds)],
        designs=designs,
        arms=[],
    )


class Journal:
    """The study so far: it adds trials, writes them to the folder and sends the events."""

    def __init__(self, study: Study, listeners: Listeners):
        self.study, self.send, self.names = study, listeners, list(listeners.installed)

    def advance(self, ticket: Ticket, message: Mapping[str, Any]) -> None:
        """Send what `attempt` reports about `ticket`."""
        self.send(TrialAdvanced(ticket.key, **message))

    def end(self, ticket: Ticket, trial: Trial) -> None:
        """Add a trial that ended just now."""
        self.add(ticket, trial)
        folder.save(self.study)
        if trial.epochs:
            self._send_run(ticket, trial)
        self.send(TrialEnded(ticket.key, trial))

    def _send_run(self, ticket: Ticket, trial: Trial) -> None:
        """Send the run that was trained to installed listeners, each of which is made for one run."""
        steps, epochs = trial.epochs[-1]["step"], trial.epochs[-1]["epoch"]
        about = Folder(ticket.path).about()
        send = Listeners(self.names)
        send(Started(steps, steps, steps // epochs, ticket.path, about, trial.epochs))
        send(Ended("finished" if trial.finished else "failed"))

    def add(self, ticket: Ticket, trial: Trial) -> None:
        """Add a trial to its arm, in the place of an earlier one of the same seed."""
        arms = {(arm.design, arm.recipe): arm.trials for arm in self.study.arms}
        place = (ticket.key.design, ticket.key.recipe)
        others = [other for other in arms.get(place, []) if other.seed != trial.seed]
        arms[place] = sorted([*others, trial], key=lambda trial: trial.seed)
        order = list(product([design.name for design in self.study.designs], self.study.recipes))
        self.study = replace(self.study, arms=[Arm(*key, arms[key]) for key in order if key in arms])


def _train(journal: Journal, tickets: list[Ticket], data: Data, jobs: int) -> None:
    """Train what is not finished: in workers what is portable, then the rest in this process."""
    waiting = []
    for ticket in tickets:
        trial = finished(ticket)
        if trial is None:
            waiting.append(ticket)
        else:
            journal.add(ticket, trial)
    folder.save(journal.study)
    portable = [ticket for ticket in waiting if ticket.portable]
    jobs, threads = min(jobs, max(1, len(portable))), journal.study.threads
    shares = _shares(journal.study, waiting)
    journal.send(StudyStarted(journal.study, shares, len(tickets) - len(waiting), jobs))
    with tempfile.TemporaryDirectory(prefix="netwright-") as place:
        packed = Path(place, "data.safetensors")
        if portable:
            pack(data, packed)
        with closing(serve(portable, packed, threads=threads, jobs=jobs)) as messages:
            for ticket, message in messages:
                if "trial" in message:
                    journal.end(ticket, Trial(**message["trial"]))
                else:
                    journal.advance(ticket, message)
    with machine.limited(threads):
        for ticket in waiting:
            if not ticket.portable:
                journal.end(ticket, attempt(ticket, data, partial(journal.advance, ticket)))
    folder.publish(journal.study)
    journal.send(StudyEnded(journal.study))


def _named(recipes: Recipe | Mapping[str, Recipe] | None) -> dict[str, Recipe]:
    """Return the recipes by name.

    Raises:
        UsageError: there is no recipe, two are equal, or they differ in the seed or the device.
    """
    recipes = {"standard": Recipe()} if recipes is None else recipes
    named = dict(recipes) if isinstance(recipes, Mapping) else {"recipe": recipes}
    if not named or not all(isinstance(recipe, Recipe) for recipe in named.values()):
        raise UsageError(f"`recipes` (={recipes!r}) must be a Recipe, or a mapping of names to Recipes.")
    for (first, one), (second, other) in combinations(named.items(), 2):
        if options(one) == options(other):
            raise UsageError(f"the recipes {first} and {second} are equal; each recipe is compared once.")
        if (one.seed, one.device) != (other.seed, other.device):
            raise UsageError(
                f"the recipes {first} and {second} differ in `seed` (={one.seed}, {other.seed}) or `device` "
                f"(={one.device}, {other.device}); the trials of a study share their seeds and their device."
            )
    return named


def _default_folder(data: Data, recipe: Recipe) -> Path:
    """Return a folder that belongs to the question, so that the same call finds its study again."""
    question = sha256(f"{data.digest} {recipe.model_dump_json()}".encode()).hexdigest()[:8]
    name = "".join(letter if letter.isalnum() else "-" for letter in Path(data.name).name)
    return Path("studies", f"{name}-{question}")


def _tickets(
    study: Study, chosen: list[Candidate], recipes: Mapping[str, Recipe], seeds: list[int]
) -> list[Ticket]:
    """Return what to train, in order.

    Seed by seed, so that an interrupted study is balanced; the most expensive design first, so that no core
    waits at the end.
    """
    macs = {design.name: design.macs or 0 for design in study.designs}
    first = next(iter(study.recipes))
    tickets = []
    for seed in seeds:
        for candidate in sorted(chosen, key=lambda candidate: -macs[candidate.name]):
            for name, recipe in recipes.items():
                arm = slug(candidate.name) + ("" if name == first else f"@{slug(name)}")
                key, place = Key(candidate.name, name, seed), f"runs/{arm}/seed-{seed}"
                trained = recipe.changed(seed=seed)
                tickets.append(Ticket(key, trained, candidate.source, study.folder, place))
    return tickets


def _shares(study: Study, tickets: list[Ticket]) -> dict[Key, float]:
    """Return the share of the work that each ticket takes, by the MACs of its training.

    A small network counts as at least a tenth of the largest, because its MACs do not determine its time.
    """
    macs = {design.name: float(design.macs or 0) for design in study.designs}
    floor = max([*macs.values(), 1.0]) / 10
    work = {
        ticket.key: max(macs[ticket.key.design], floor) * _examples(ticket.recipe, study.data["train"])
        for ticket in tickets
    }
    return {key: value / sum(work.values()) for key, value in work.items()}


def _examples(recipe: Recipe, split: int) -> int:
    """Return about how many examples a training sees."""
    if recipe.epochs is not None:
        return recipe.epochs * split
    return (recipe.steps or 1) * (64 if recipe.batch == "auto" else recipe.batch)
