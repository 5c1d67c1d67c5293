"""The folder of a study: one process at a time, and only ever one recipe on one data set.

study.json               the result, see `result.Study`
report.html              the page
runs/DESIGN/seed-N/      the run of each trial
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netwright.durable import replace
from netwright.errors import RunError
from netwright.study.curves import curves, picture
from netwright.study.report import report
from netwright.study.result import FILE, Study

LOCK = ".lock"


@contextmanager
def claimed(path: Path) -> Iterator[Study | None]:
    """Keep the folder to this process; yields the study that is there.

    Raises:
        RunError: another process has it, or it holds something that is no study.
    """
    if path.exists() and not path.is_dir():
        raise RunError(f"`{path}` is a file; give a folder for the study.")
    known = (path / FILE).exists()
    if not known and path.exists() and any(file.name != LOCK for file in path.iterdir()):
        raise RunError(f"`{path}` is not empty and holds no study; give another folder.")
    path.mkdir(parents=True, exist_ok=True)
    with (path / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError(f"`{path}` is in use by another process; wait, or give another.") from error
        yield Study.read(path) if known else None


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
