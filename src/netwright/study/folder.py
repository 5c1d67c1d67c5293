"""The folder of a study: one process at a time writes to it, and it never changes its data.

study.json                      the result, see `result.Study`
report.html                     the page
curves.png                      the learning curves
runs/DESIGN/seed-N/             the run of each trial
runs/DESIGN@RECIPE/seed-N/      the same with a recipe other than the first
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from netwright import durable
from netwright.errors import RunError
from netwright.study.curves import curves, picture
from netwright.study.report import report
from netwright.study.result import FILE, Study


@contextmanager
def claimed(path: Path) -> Iterator[Study | None]:
    """Reserve the folder for this process; yield the study that is there, if any.

    Raises:
        RunError: another process uses the folder, or it holds something other than a study.
    """
    with durable.claimed(path, FILE, "study"):
        yield Study.read(path) if (path / FILE).exists() else None


def save(study: Study) -> None:
    """Replace `study.json`."""
    text = json.dumps(study.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
    durable.replace(study.folder / FILE, (text + "\n").encode())


def publish(study: Study) -> None:
    """Replace `study.json`, the page, and the picture of the learning curves."""
    save(study)
    picture(curves, study, study.folder / "curves.png")
    durable.replace(study.page, report(study).encode())


def renamed(known: Study | None, now: Study) -> Study:
    """Return `now` with each recipe that the known study holds under the name that it has there."""
    if known is None:
        return now
    names = {json.dumps(recipe): name for name, recipe in known.recipes.items()}
    recipes = {}
    for name, recipe in now.recipes.items():
        before = names.get(json.dumps(recipe), name)
        recipes[name if before in now.recipes else before] = recipe
    return replace(now, recipes=recipes)


def joined(known: Study, now: Study) -> Study:
    """Return the known study with the designs, recipes and seeds of `now` added.

    A version that changed since is named beside those before.

    Raises:
        RunError: `now` asks another question; the message says what differs, with both values.
    """
    if reasons := _differences(known, now):
        raise RunError(f"`{now.folder}` holds another study: {'; '.join(reasons)}. Give another folder.")
    names = {design.name for design in known.designs}
    designs = [*known.designs, *(design for design in now.designs if design.name not in names)]
    versions = dict(known.versions)
    for name, version in now.versions.items():
        before = versions.get(name, "").split(", ")
        versions[name] = version if before == [""] else ", ".join(dict.fromkeys([*before, version]))
    return replace(
        now,
        recipes={**known.recipes, **now.recipes},
        versions=versions,
        seeds=sorted({*known.seeds, *now.seeds}),
        designs=designs,
        arms=known.arms,
    )


def _differences(known: Study, now: Study) -> list[str]:
    """Return what keeps `now` from being an extension of `known`."""
    reasons = [
        f"`{key}` (={value}) was {known.recipes[name].get(key)}"
        + (f" in the recipe {name}" if len(now.recipes) > 1 else "")
        for name in now.recipes.keys() & known.recipes.keys()
        for key, value in now.recipes[name].items()
        if known.recipes[name].get(key) != value
    ]
    if known.data["digest"] != now.data["digest"]:
        reasons.append(
            f"the data ({now.data['name']}) differs from what was trained on ({known.data['name']})"
        )
    if known.task.name != now.task.name:
        reasons.append(f"the task (={now.task.name}) was {known.task.name}")
    elif known.task.measures.keys() != now.task.measures.keys():
        reasons.append(f"the metrics ({_list(now)}) were {_list(known)}")
    if known.threads != now.threads:
        reasons.append(f"threads (={now.threads}) were {known.threads}; OMP_NUM_THREADS sets them")
    before = {design.name: design for design in known.designs}
    for design in now.designs:
        was = before.get(design.name, design)
        if was.spec != design.spec:
            reasons.append(f"design {design.name} (={design.spec}) was {was.spec}")
        elif was.fingerprint != design.fingerprint:
            reasons.append(f"design {design.name} is no longer the network that was trained")
    return reasons


def _list(study: Study) -> str:
    return ", ".join(study.task.measures)
