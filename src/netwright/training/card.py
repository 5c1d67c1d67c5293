"""The model card of a run, in its folder: `card.md`, the same as `README.md`, and what was measured for it.

The Hugging Face Hub shows the `README.md` of a folder, so a run can be uploaded as it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from warnings import warn

from netwright import durable
from netwright.data.examples import Data
from netwright.errors import USER_ERRORS, NetwrightError
from netwright.trace.usercode import format_error
from netwright.training.folder import Folder
from netwright.training.job import Job
from netwright.training.listener import Ended, Event, Started
from netwright.training.loop import Evaluation
from netwright.training.model_card.facts import Facts, Network, Sizes
from netwright.training.model_card.scores import scores
from netwright.training.model_card.text import text
from netwright.training.result import Run

CARD, README = "card.md", "README.md"


class Card:
    """A listener that writes the model card into the run's folder when the training of `job` has finished.

    It evaluates the best weights on the test split once more, for the intervals. What goes wrong is a
    warning, because the run is finished; the card then lacks that part.
    """

    def __init__(self, job: Job, data: Data):
        self.job, self.data = job, data
        self.folder, self.about = Path(), dict[str, Any]()

    def __call__(self, event: Event) -> None:
        """Remember the folder at the start, and write the card at the end."""
        if isinstance(event, Started):
            self.folder, self.about = event.folder, dict(event.about)
        elif isinstance(event, Ended) and event.state == "finished":
            with warned("the model card was not written"):
                facts = self._facts()
                facts.write(self.folder)
                publish(self.folder, text(Run.read(self.folder, self.job.task), facts))

    def _facts(self) -> Facts:
        known: dict[str, Any] = {}
        with warned("the model card lacks the facts of the network"):
            input = tuple(self.about["data"]["input"])
            known["network"] = Network.of(self.job.net, input, self.about["spec"])
        with warned("the model card lacks the facts of the data"):
            known["data"] = Sizes.of(self.data)
        with warned("the model card lacks the intervals"):
            scored = scores(self._evaluation(), self.data.classes)
            known |= {"metrics": scored.metrics, "classes": scored.classes}
        return Facts(**known)

    def _evaluation(self) -> Evaluation:
        job = self.job
        net = deepcopy(job.tested)
        net.load_state_dict(Folder(self.folder).weights("best"))
        return Evaluation(job.fabric, net, job.task, job.loader, job.metrics, job.grid)


@contextmanager
def warned(what: str) -> Iterator[None]:
    """Turn an error into a warning that says what is missing."""
    try:
        yield
    except (*USER_ERRORS, NetwrightError) as error:
        warn(f"{what}: {format_error(error)}", stacklevel=3)


def publish(folder: Path, card: str) -> None:
    """Write a card into the folder of a run; a `README.md` that somebody else wrote stays as it is."""
    previous, readme = folder / CARD, folder / README
    content = card.encode()
    ours = not readme.exists() or (previous.exists() and durable.read(readme) == durable.read(previous))
    if ours:
        durable.replace(readme, content)
    durable.replace(previous, content)
