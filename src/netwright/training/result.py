"""The result of one training: `Run` reads its folder, builds its network and evaluates it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any, Literal, Self

from torch import nn

from netwright.data.catalogue import restored, tasks
from netwright.data.examples import Data
from netwright.data.scale import Scale
from netwright.data.task import Task
from netwright.errors import RecipeError, RunError
from netwright.spec import load, restore
from netwright.training.baseline import Baseline
from netwright.training.checkpoint import misfit
from netwright.training.evaluation import detailed, evaluation
from netwright.training.folder import Folder
from netwright.training.job import best, measured
from netwright.training.model_card.complete import complete
from netwright.training.model_card.text import text
from netwright.training.recipe import Recipe

Which = Literal["best", "last"]
Part = Literal["train", "valid", "test"]
WHICH: tuple[Which, ...] = ("best", "last")
PARTS: tuple[Part, ...] = ("train", "valid", "test")


@dataclass(frozen=True)
class Run:
    """The result of one training.

    `data` holds the facts of the data that the network depends on (name, input shape, classes, mean,
    deviation). `task` is what the network is for, and `monitor` its metric that chose the best epoch;
    `measures` say how each metric is written and judged, `baseline` is the trivial answer that the result is
    compared with, and `outputs` is what the last layer gives. `epochs` are the rows of `metrics.jsonl`, and
    `best` is the one that validation chose. `spec` is None for a network that was given as a module.
    `seconds` is the time in training and evaluation.
    """

    folder: Path
    spec: str | None
    data: Mapping[str, Any]
    task: Task | None = field(compare=False)  # its settings are in run.json
    monitor: str
    measures: Mapping[str, Scale]
    baseline: Baseline
    outputs: int
    recipe: Recipe
    params: int
    epochs: list[dict[str, Any]]
    final: dict[str, Any] | None
    best: dict[str, Any] | None
    finished: bool
    seconds: float

    @classmethod
    def read(cls, folder: str | Path, task: Task | None = None) -> Self:
        """Read a run, finished or not, from its folder.

        Args:
            folder: The folder of the run.
            task: What the network is for, where that is not an installed task; without it, such a run can be
                read and loaded, but not evaluated.

        Raises:
            RunError: The folder does not contain a run, or the run is damaged.
        """
        files = Folder(folder)
        about, rows = files.about(), files.rows()
        measures = {name: Scale(**scale) for name, scale in about["measures"].items()}
        for row in rows:
            if (
                not {about["monitor"], "loss"}
                <= measures.keys()
                <= set.intersection(*(set(row[part]) for part in PARTS))
            ):
                raise RunError(f"`{files.path}`: epoch {row['epoch']} lacks a metric, such as the loss.")
        return cls(
            folder=files.path,
            spec=about["spec"],
            data=about["data"],
            task=task or _task(about["task"], files.path),
            monitor=about["monitor"],
            measures=measures,
            baseline=Baseline(**about["baseline"]),
            outputs=about["task"]["outputs"],
            recipe=_recipe(about["recipe"], files.path),
            params=about["params"],
            epochs=rows,
            final=rows[-1] if rows else None,
            best=best(rows, about["monitor"], lower_is_better=measures[about["monitor"]].lower_is_better),
            finished=about["state"] == "finished",
            seconds=sum(row["seconds"] for row in rows),
        )

    def load(
        self, which: Which = "best", net: nn.Module | str | None = None, *, trust: bool = False
    ) -> nn.Module:
        """Return the network on the CPU, in evaluation mode, with the weights of the best or the last epoch.

        Args:
            which: "best", the epoch that validation chose, or "last".
            net: The network, as a spec or a module, which is filled in place. A run of a module has no spec,
                so it needs one.
            trust: Build the spec that the run's folder names whatever code it runs (see
                `netwright.spec.restore`).

        Raises:
            RunError: The run has no spec and no network was given, or the network has other weights.
            CheckpointError: The weights are damaged, or none have been saved yet.
            TrustError: The spec runs code that is not known on this machine.
        """
        if which not in WHICH:
            raise RunError(f"`which` (={which}) must be one of {', '.join(WHICH)}.")
        module = self._build(net, trust)
        weights = Folder(self.folder).weights(which)
        if reason := misfit(module.state_dict(), weights):
            raise RunError(
                f"the network does not have the weights of the run in `{self.folder}`: {reason}; give the "
                "network that was trained."
            )
        module.load_state_dict(weights)
        return module.cpu().eval()

    def evaluate(
        self,
        data: Data | str,
        part: Part = "test",
        *,
        which: Which = "best",
        net: nn.Module | str | None = None,
        trust: bool = False,
    ) -> dict[str, float]:
        """Return the loss and the metrics of the task on one split of `data`.

        On the data of the training these are the numbers of its row, `run.best` or `run.final`: device,
        precision, batch and normalisation are those of the training.

        Args:
            data: A name for `netwright.Data.load`, or the data.
            part: The split.
            which: The weights, as for `load`.
            net: The network, as for `load`.
            trust: As for `load`.
        """
        _known(part)
        found = evaluation(self, data, self.load(which, net, trust=trust))
        return replace(found, metrics=measured(found.task, found.fabric.device))(part)

    def details(
        self,
        data: Data | str,
        part: Part = "test",
        *,
        which: Which = "best",
        net: nn.Module | str | None = None,
        trust: bool = False,
    ) -> dict[str, float]:
        """Return further scores of one split of `data`, such as those of each class, by name.

        What they depend on, such as a threshold, is chosen on the validation split of `data`. The arguments
        are those of `evaluate`.
        """
        _known(part)
        return detailed(evaluation(self, data, self.load(which, net, trust=trust)), part)

    def card(
        self,
        data: Data | str | None = None,
        *,
        net: nn.Module | str | None = None,
        trust: bool = False,
    ) -> str:
        """Return the model card as Markdown, in the format of the Hugging Face Hub.

        It is the text of `card.md` in the folder of a finished training. What such a run stored is taken from
        there. Of a run of a study, and of one that ended before cards were written, the network is recorded
        and checked anew; its intervals and the scores of its classes need `data`.

        Args:
            data: The data of the training, or a name of it.
            net: The network, as for `load`.
            trust: As for `load`.
        """
        facts = complete(self, data, lambda: self._build(net, trust), lambda: self.load(net=net, trust=trust))
        return text(self, facts)

    def purpose(self) -> Task:
        """Return the task; refuse a run whose task is not installed here."""
        if self.task is None:
            name = Folder(self.folder).about()["task"]["name"]
            raise RunError(
                f"the run in `{self.folder}` is for `{name}`, which is not a task that is installed here; "
                "read the run with it, as in Run.read(folder, task=...)."
            )
        return self.task

    def _build(self, net: nn.Module | str | None, trust: bool) -> nn.Module:
        input, classes = tuple(self.data["input"]), self.outputs
        if isinstance(net, nn.Module):
            return net
        if net is not None:
            return load(net, input=input, classes=classes)
        if self.spec is None:
            raise RunError(
                f"the run in `{self.folder}` trained a module, so no spec of its network is stored; "
                "give the network by `net` (--net)."
            )
        return restore(self.spec, trust=trust, input=input, classes=classes)

    def table(self) -> list[tuple[str, ...]]:
        """Return the metrics of the best and the last epoch, one row of cells for each metric."""
        rows: list[tuple[str, ...]] = [("epoch", "", "", *PARTS)]
        for name, row in (("best by validation", self.best), ("last", self.final)):
            if row is not None:
                for metric, scale in self.measures.items():
                    cells = (scale.number(row[part][metric]) for part in PARTS)
                    rows.append((str(row["epoch"]), name, scale.title, *cells))
        return rows

    def __str__(self) -> str:
        rows = self.table()
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
        ]
        return "\n".join([self._title(), *lines, *self._beside()])

    def _repr_html_(self) -> str:
        """Return the run as a table for a notebook."""
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.table()
        )
        below = "".join(f"<p>{escape(line)}</p>" for line in self._beside())
        return f"<table><caption>{escape(self._title())}</caption>{rows}</table>{below}"

    def _beside(self) -> list[str]:
        """Return the baseline as a line, where the task has one."""
        text = self.baseline.text(self.measures)
        return [f"{text} on test"] if text else []

    def _title(self) -> str:
        state = "finished" if self.finished else "not finished"
        epochs = "1 epoch" if len(self.epochs) == 1 else f"{len(self.epochs)} epochs"
        return (
            f"{self.spec or 'a module'} on {self.data['name']}: {self.params:,} parameters, "
            f"{epochs} in {self.seconds:.1f} s, {state}, in {self.folder}"
        )


def _known(part: str) -> None:
    """Refuse a split that does not exist."""
    if part not in PARTS:
        raise RunError(f"`part` (={part}) must be one of {', '.join(PARTS)}.")


def _task(record: Mapping[str, Any], folder: Path) -> Task | None:
    """Return the task of a run; None for one that is not installed here."""
    if record["name"] not in tasks():
        return None
    try:
        return restored(record["name"], record["settings"])
    except RecipeError as error:
        raise RunError(f"`{folder}` does not describe a run: {error}") from error


def _recipe(options: Mapping[str, Any], folder: Path) -> Recipe:
    try:
        return Recipe(**options)
    except RecipeError as error:
        raise RunError(f"`{folder}` does not describe a run: {error}") from error
