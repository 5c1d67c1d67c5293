"""The result of one training: `Run` reads its folder, builds its network and evaluates it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any, Literal, Self

from torch import Tensor, nn

from netwright.arithmetic.shape import show
from netwright.data.examples import Data
from netwright.data.task import Classification, Task
from netwright.errors import RecipeError, RunError
from netwright.spec import load, restore
from netwright.training.folder import Folder
from netwright.training.job import best, launch
from netwright.training.loader import placed
from netwright.training.loop import evaluate
from netwright.training.recipe import Recipe

Which = Literal["best", "last"]
Part = Literal["train", "valid", "test"]
WHICH: tuple[Which, ...] = ("best", "last")
PARTS: tuple[Part, ...] = ("train", "valid", "test")


@dataclass(frozen=True)
class Run:
    """The result of one training.

    `data` holds the facts of the data that the network depends on (name, input shape, classes, mean,
    deviation). `epochs` are the rows of `metrics.jsonl`; `best` is the one that validation chose. `spec` is
    None for a network that was given as a module. `seconds` is the time in training and evaluation.
    """

    folder: Path
    spec: str | None
    data: Mapping[str, Any]
    recipe: Recipe
    params: int
    epochs: list[dict[str, Any]]
    final: dict[str, Any] | None
    best: dict[str, Any] | None
    finished: bool
    seconds: float

    @classmethod
    def read(cls, folder: str | Path) -> Self:
        """Read a run, finished or not, from its folder.

        Raises:
            RunError: The folder does not contain a run, or the run is damaged.
        """
        files = Folder(folder)
        about, rows = files.about(), files.rows()
        for row in rows:
            metrics = row["valid"].keys()
            if not {about["monitor"], "loss"} <= metrics <= row["train"].keys() & row["test"].keys():
                raise RunError(f"`{files.path}`: epoch {row['epoch']} lacks a metric, such as the loss.")
        return cls(
            folder=files.path,
            spec=about["spec"],
            data=about["data"],
            recipe=_recipe(about["recipe"], files.path),
            params=about["params"],
            epochs=rows,
            final=rows[-1] if rows else None,
            best=best(rows, about["monitor"]),
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
        if reason := _misfit(module.state_dict(), weights):
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
        task: Task | None = None,
        trust: bool = False,
    ) -> dict[str, float]:
        """Return the loss and the metrics of the task on one split of `data`.

        On the data of the training these are the numbers of its row, `run.best` or `run.final`: device,
        precision, batch and normalisation are those of the training.

        Args:
            data: A name for `netwright.data.source.load`, or the data.
            part: The split.
            which: The weights, as for `load`.
            net: The network, as for `load`.
            task: What the network is for; classification by default.
            trust: As for `load`.
        """
        if isinstance(data, str):
            from netwright.data.source import load as load_data

            data = load_data(data)
        if part not in PARTS:
            raise RunError(f"`part` (={part}) must be one of {', '.join(PARTS)}.")
        resolved = _recipe(Folder(self.folder).about()["resolved"], self.folder)
        task = task or Classification(len(self.data["classes"]), resolved.label_smoothing)
        module = self.load(which, net, trust=trust)
        if tuple(self.data["input"]) != data.input or len(self.data["classes"]) != len(data.classes):
            raise RunError(
                f"{data.name} ({show(data.input)}, {len(data.classes)} classes) does not fit the run in "
                f"`{self.folder}` ({show(tuple(self.data['input']))}, {len(self.data['classes'])} classes)."
            )
        normalised = replace(data, mean=tuple(self.data["mean"]), std=tuple(self.data["std"]))
        fabric = launch(resolved.device, resolved.precision)
        loader = placed(fabric, normalised, resolved.changed(augment=()))
        fabric.setup_module(module)
        metrics = {name: metric.to(fabric.device) for name, metric in task.metrics().items()}
        return evaluate(fabric, module, task, loader, part, metrics)

    def _build(self, net: nn.Module | str | None, trust: bool) -> nn.Module:
        input, classes = tuple(self.data["input"]), len(self.data["classes"])
        if isinstance(net, nn.Module):
            return net
        if net is not None:
            return load(net, input=input, classes=classes)
        if self.spec is None:
            raise RunError(
                f"the run in `{self.folder}` trained a module, so no spec of its network is stored; "
                "give the network by `net`."
            )
        return restore(self.spec, trust=trust, input=input, classes=classes)

    def table(self) -> list[tuple[str, ...]]:
        """Return the metrics of the best and the last epoch, one row of cells for each metric."""
        rows: list[tuple[str, ...]] = [("epoch", "", "", *PARTS)]
        for name, row in (("best by validation", self.best), ("last", self.final)):
            if row is not None:
                for metric in row["valid"]:
                    cells = (f"{row[part][metric]:.4f}" for part in PARTS)
                    rows.append((str(row["epoch"]), name, metric, *cells))
        return rows

    def __str__(self) -> str:
        rows = self.table()
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
        ]
        return "\n".join([self._title(), *lines])

    def _repr_html_(self) -> str:
        """Return the run as a table for a notebook."""
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.table()
        )
        return f"<table><caption>{escape(self._title())}</caption>{rows}</table>"

    def _title(self) -> str:
        state = "finished" if self.finished else "not finished"
        epochs = "1 epoch" if len(self.epochs) == 1 else f"{len(self.epochs)} epochs"
        return (
            f"{self.spec or 'a module'} on {self.data['name']}: {self.params:,} parameters, "
            f"{epochs} in {self.seconds:.1f} s, {state}, in {self.folder}"
        )


def _recipe(options: Mapping[str, Any], folder: Path) -> Recipe:
    try:
        return Recipe(**options)
    except RecipeError as error:
        raise RunError(f"`{folder}` does not describe a run: {error}") from error


def _misfit(mine: Mapping[str, Tensor], stored: Mapping[str, Tensor]) -> str:
    """Return the first difference between two layouts of weights; empty if there is none."""
    for name, tensor in stored.items():
        if name not in mine:
            return f"it has no `{name}`"
        if mine[name].shape != tensor.shape:
            return f"its `{name}` is {show(mine[name].shape)}, the run's is {show(tensor.shape)}"
    extra = [name for name in mine if name not in stored]
    return f"the run has no `{extra[0]}`" if extra else ""
