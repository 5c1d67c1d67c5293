"""The folder of a study: one process at a time, and only ever one recipe on one data set.

study.json               the result, see `result.Study`
report.html              the page
runs/DESIGN/seed-N/      the run of each trial
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netwright import durable
from netwright.durable import replace
from netwright.errors import RunError
from netwright.study.curves import curves, picture
from netwright.study.report import report
from netwright.study.result import FILE, Study


@contextmanager
def claimed(path: Path) -> Iterator[Study | None]:
    """Keep the folder to this process; yields the study that is there.

    Raises:
        RunError: another process has it, or it holds something that is no study.
    """
    with durable.claimed(path, FILE, "study"):
        yield Study.read(path) if (path / FILE).exists() else None


def save(study: Study) -> None:
    """Replace `study.json`."""
    text = json.dumps(study.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
    replace(study.folder / FILE, (text + "\n").encode())


def publish(study: Study) -> None:
    """Replace `study.json`, the page, and the picture of the learning curves."""
    save(study)
    picture(curves, study, study.folder / "curves.png")
    replace(study.page, report(study).encode())


def refuse(known: Study, now: Study) -> None:
    """Go on with `known` only if it is the same question: more designs and more seeds are welcome.

    Raises:
        RunError: what differs, with both values.
    """
    reasons = [
        f"`{key}` (={value}) was {known.recipe.get(key)}"
        for key, value in now.recipe.items()
        if known.recipe.get(key) != value
    ]
    if known.data["digest"] != now.data["digest"]:
        reasons.append(f"the data ({now.data['name']}) is not what {known.data['name']} was")
    if known.threads != now.threads:
        reasons.append(f"threads (={now.threads}) were {known.threads}; OMP_NUM_THREADS sets them")
    before = {design.name: design for design in known.designs}
    for design in now.designs:
        was = before.get(design.name, design)
        if was.spec != design.spec:
            reasons.append(f"design {design.name} (={design.spec}) was {was.spec}")
        elif was.fingerprint != design.fingerprint:
            reasons.append(f"design {design.name} is no longer the network that was trained")
    if reasons:
        raise RunError(f"`{now.folder}` holds another study: {'; '.join(reasons)}. Give another folder.")
