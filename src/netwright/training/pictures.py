"""Pictures of predictions beside the truth: the worst, the median and the best example of the test split.

pictures/worst.png, median.png, best.png    what the task draws
pictures/index.json                         which examples they are, and the metric of each
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Literal, NamedTuple
from warnings import warn

import torch
from PIL import Image
from pydantic import TypeAdapter, ValidationError
from torch import Tensor

from netwright import durable
from netwright.data.examples import Data
from netwright.data.kinds import Kind, Targets
from netwright.data.task import Task
from netwright.errors import USER_ERRORS
from netwright.trace.usercode import format_error
from netwright.training.folder import Folder
from netwright.training.job import Job
from netwright.training.listener import Ended, Event, Started
from netwright.training.loop import Evaluation

Rank = Literal["worst", "median", "best"]

FOLDER, INDEX = "pictures", "index.json"
SMALL = 192
"""A picture whose height is smaller is enlarged, by a whole factor, so that its pixels can be seen."""
WIDE = 2048
"""No picture is enlarged to more pixels than these in a row."""


@dataclass(frozen=True)
class Picture:
    """A drawn example of the test split, by its number, with the value of the task's monitored metric.

    `part` says that it is one tile of an example that was evaluated by tiles; the value is that of the tile.
    """

    rank: Rank
    example: int
    value: float
    part: bool = False

    @property
    def name(self) -> str:
        """What is drawn: `test example 7`."""
        return f"{'part of ' if self.part else ''}test example {self.example}"

    @property
    def file(self) -> Path:
        """The picture, relative to the folder of the run."""
        return Path(FOLDER, f"{self.rank}.png")


class Drawn(NamedTuple):
    """The number of an example, whether it is a part of that example, and the picture uint8 [3, h, w]."""

    example: int
    part: bool
    image: Tensor


class Pictures:
    """A listener that draws test examples into the run's folder when the training of `job` has finished.

    The weights are those that validation chose. What goes wrong is a warning, because the run is finished.
    """

    def __init__(self, job: Job, data: Data):
        self.job, self.data, self.folder = job, data, Path()

    def __call__(self, event: Event) -> None:
        """Remember the folder at the start, and draw at the end."""
        if isinstance(event, Started):
            self.folder = event.folder
        elif isinstance(event, Ended) and event.state == "finished" and wanted(self.job.task):
            try:
                self._draw()
            except USER_ERRORS as error:
                warn(f"the predictions could not be drawn: {format_error(error)}", stacklevel=2)

    def _draw(self) -> None:
        job = self.job
        net = deepcopy(job.tested)
        net.load_state_dict(Folder(self.folder).weights("best"))
        evaluation = Evaluation(job.fabric, net, job.task, job.loader, job.metrics, job.grid)
        draw(evaluation, self.data, self.folder)


def wanted(task: Task) -> bool:
    """Return whether a picture shows more than the metrics: where targets lie in the space of the input."""
    return any(kind.spatial for kind in task.needs.values())


def draw(evaluation: Evaluation, data: Data, folder: Path) -> list[Picture]:
    """Draw the worst, the median and the best test example by the task's monitored metric; return the list.

    Examples of an equal metric are ranked by their loss. Of examples that are evaluated by tiles, single
    tiles are drawn.

    Args:
        evaluation: The network, on one process.
        data: The data, which says how inputs were normalised.
        folder: The folder of the run.
    """
    values = list(_values(evaluation))
    ranked = sorted(range(len(values)), key=lambda number: _order(evaluation.task, *values[number]))
    places: dict[Rank, int] = {"worst": ranked[-1], "median": ranked[len(ranked) // 2], "best": ranked[0]}
    (folder / FOLDER).mkdir(exist_ok=True)
    drawn = dict(_drawn(evaluation, data, {*places.values()}))
    pictures = []
    for rank, place in places.items():
        example, part, image = drawn[place]
        pictures.append(Picture(rank, example, values[place][0], part))
        durable.replace(folder / pictures[-1].file, png(image))
    index = json.dumps([asdict(picture) for picture in pictures])
    durable.replace(folder / FOLDER / INDEX, index.encode())
    return pictures


def read(folder: Path) -> list[Picture]:
    """Return the pictures of a run; none where it has none, or where their list is damaged."""
    try:
        return TypeAdapter(list[Picture]).validate_json(durable.read(folder / FOLDER / INDEX))
    except (OSError, ValidationError):
        return []


def png(picture: Tensor) -> bytes:
    """Return a picture uint8 [3, h, w] as a PNG file; a small one is enlarged."""
    factor = max(1, min(ceil(SMALL / picture.shape[1]), WIDE // picture.shape[2]))
    large = picture.repeat_interleave(factor, 1).repeat_interleave(factor, 2)
    stream = BytesIO()
    Image.fromarray(large.permute(1, 2, 0).cpu().numpy()).save(stream, "PNG")
    return stream.getvalue()


def _order(task: Task, value: float, loss: float) -> tuple[float, float]:
    """Return what sorts the best example first; what has no value comes last."""
    measure = task.metrics().get(task.monitor)
    return (loss if measure is None else measure.order(value), loss)


@torch.no_grad()
def _values(evaluation: Evaluation) -> Iterator[tuple[float, float]]:
    """Yield the monitored metric and the loss of each test example, or tile of one, by itself."""
    task = evaluation.task
    measure = task.metrics().get(task.monitor)
    for batch in evaluation.loader.evaluate("test"):
        output, grid = evaluation.output(batch)
        target = task.encode(batch.targets, grid)
        for number in range(len(output)):
            one, truth = output[number : number + 1], target[number : number + 1]
            loss = value = task.loss(one, truth).item()
            if measure is not None:
                metric = measure.metric.to(output.device)
                metric.update(one, truth)
                value = metric.compute().item()
                metric.reset()
            yield value, loss


@torch.no_grad()
def _drawn(evaluation: Evaluation, data: Data, places: set[int]) -> Iterator[tuple[int, Drawn]]:
    """Yield each of these places in the order of `_values`, and what was drawn of it."""
    first = 0
    for batch in evaluation.loader.evaluate("test"):
        wanted = [place for place in range(len(batch.inputs)) if first + place in places]
        output, grid = evaluation.output(batch) if wanted else (batch.inputs, None)
        for place in wanted:
            predicted = evaluation.task.decode(output[place : place + 1], grid)
            image = visible(batch.inputs[place], data)
            picture = evaluation.task.draw(image, of_one(predicted, 0), of_one(batch.targets, place))
            yield first + place, Drawn(batch.numbers[place], batch.tile is not None, picture)
        first += len(batch.inputs)


def of_one(targets: Targets, number: int) -> Mapping[Kind, Tensor]:
    """Return the targets of one example of a batch, without the batch."""
    return {kind: batch[number].cpu() for kind, batch in targets.items()}


def visible(normalised: Tensor, data: Data) -> Tensor:
    """Return an input [c, *space] with values 0..1; the values of other than 8-bit images are spread."""
    axes = (-1,) + (1,) * (normalised.ndim - 1)
    std = torch.tensor(data.std).reshape(axes)
    image = normalised.float().cpu() * torch.where(std > 0, std, 1.0) + torch.tensor(data.mean).reshape(axes)
    if data.range != (0.0, 255.0):
        image = (image - image.min()) / (image.max() - image.min()).clamp(min=1e-12)
    return image.clamp(0, 1)
