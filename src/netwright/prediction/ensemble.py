"""`nw.Ensemble`: several networks as one module, which gives the mean, vote or maximum of their outputs."""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.arithmetic.shape import show
from netwright.data.kinds import Kind
from netwright.errors import RunError, ShapeError, UsageError
from netwright.prediction.raw import Raw
from netwright.spec import load
from netwright.training.folder import ABOUT
from netwright.training.result import Run, Which

Combine = Literal["mean", "vote", "maximum"]
COMBINE: tuple[Combine, ...] = ("mean", "vote", "maximum")

Given = Run | nn.Module | str | Path

TIE = 1e-3
"""The weight of the mean probability in a vote: it decides between classes with equally many votes."""


class Ensemble(nn.Module):
    """Applies every member to the same input and combines their outputs [b, ...] into one of the same shape.

    "mean" is the mean of the outputs; of logits it is, up to a constant, the logarithm of the geometric mean
    of the members' probabilities. "vote" needs classes along axis 1: each member votes for its largest
    output, and the ensemble gives the logarithm of the shares of the votes, so that a softmax returns the
    shares (to within 0.001: the mean of the probabilities counts that much, which decides ties). "maximum" is
    the largest output; where the members are runs with classes, it is the largest log-probability, because
    the logits of two networks have no common zero.

    The ensemble reads what the network of its first run reads. Other runs may have been normalised otherwise:
    a change of units, exact but for rounding, precedes each of them. A member that is not a run is taken to
    read the same and to give the same as that first run.

    Args:
        members: Runs, folders of runs, modules or specs; a module may be given twice. All are put into
            evaluation mode.
        combine: "mean", "vote" or "maximum".
        which: The weights of the runs, "best" or "last".
        trust: Build the specs that the folders of runs name whatever code they run.
        nets: The networks of runs of modules, one for each member, None where it needs none; see `Run.load`.

    Attributes:
        run: The first run among the members, which says what inputs and outputs mean; None without a run.

    Raises:
        UsageError: There is no member, or `combine` is unknown.
        RunError: A run has another task, other classes or other inputs than the first one.

    >>> Ensemble([nn.Identity(), nn.ReLU()])(torch.tensor([[-2.0, 3.0]]))
    tensor([[-1.,  3.]])
    """

    def __init__(
        self,
        members: Sequence[Given] | nn.ModuleList,
        combine: Combine = "mean",
        *,
        which: Which = "best",
        trust: bool = False,
        nets: Sequence[nn.Module | str | None] | None = None,
    ):
        super().__init__()
        given = [_read(member) for member in _several(members)]
        if combine not in COMBINE:
            raise UsageError(f"`combine` (={combine}) must be one of {', '.join(COMBINE)}.")
        if nets is not None and len(nets) != len(given):
            raise UsageError(
                f"`nets` has {len(nets)} networks for {len(given)} members; give one for each, None where a "
                "member needs none."
            )
        self.combine = combine
        self.run: Run | None = next((run for run in map(_run, given) if run is not None), None)
        self.classes = self.run is not None and _classes(self.run)
        if combine == "vote" and self.run is not None and not self.classes:
            raise UsageError(
                f"a vote is between classes, and {_task(self.run)} has none; combine by the mean."
            )
        self.members = nn.ModuleList(
            self._ready(member, which, trust, net)
            for member, net in zip(given, nets or [None] * len(given), strict=True)
        )
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        """Return the combined output for inputs [b, c, *space]."""
        part, join = self._rule()
        joined = reduce(join, (part(output) for output in self._outputs(x)))
        if self.combine == "maximum":
            return joined
        mean = joined / len(self.members)
        return mean if self.combine == "mean" else mean.clamp(min=torch.finfo(mean.dtype).tiny).log()

    def each(self, change: Callable[[nn.Module], nn.Module]) -> "Ensemble":
        """Return the ensemble of the changed members, such as `ensemble.each(Flips)`."""
        changed = Ensemble([change(member) for member in self.members], self.combine)
        changed.run, changed.classes = self.run, self.classes
        return changed

    def extra_repr(self) -> str:
        """Return how the outputs are combined."""
        return f"combine={self.combine!r}"

    def _rule(self) -> tuple[Callable[[Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]]:
        """Return what is taken of each output, and how two of them are joined."""
        if self.combine == "vote":
            return _ballot, torch.add
        if self.combine == "maximum":
            return (_log_probabilities if self.classes else _unchanged), torch.maximum
        return _unchanged, torch.add

    def _outputs(self, x: Tensor) -> Iterator[Tensor]:
        """Yield the output of each member; refuse one that does not fit the first."""
        shape: tuple[int, ...] | None = None
        for number, member in enumerate(self.members, 1):
            output = member(x)
            if not isinstance(output, Tensor):
                raise UsageError(
                    f"member {number} gives a {type(output).__name__}; an ensemble combines tensors."
                )
            if shape is not None and output.shape != shape:
                raise ShapeError(
                    f"member {number} gives {show(output.shape)} for an input of {show(x.shape)}, and the "
                    f"first one {show(shape)}; the members of an ensemble give outputs of one shape."
                )
            shape = shape or output.shape
            yield output

    def _ready(self, member: Run | nn.Module | str, which: Which, trust: bool, net: Any) -> nn.Module:
        """Return the network of a member, which reads what the network of the first run reads."""
        run = _run(member)
        if run is not None and self.run is not None and (reason := _unlike(run, self.run)):
            raise RunError(
                f"the runs in `{self.run.folder}` and `{run.folder}` do not fit together: {reason}"
            )
        if isinstance(member, Run):
            module = member.load(which, net, trust=trust)
        elif net is not None:
            raise UsageError(f"`nets` gives a network for {_name(member)}, which is not a run.")
        elif isinstance(member, str):
            first = self.run
            input, outputs = (tuple(first.data["input"]), first.outputs) if first else (None, None)
            module = load(member, input=input, classes=outputs)
        else:
            module = member
        return module if run is None or self.run is None else _converted(module, run, self.run)


def _several(members: Any) -> Sequence[Given]:
    """Return the members as a list; refuse what is a single one, and an empty list."""
    if isinstance(members, str) or not isinstance(members, Sequence | nn.ModuleList):
        raise UsageError(f"`members` is a {type(members).__name__}; give a list of runs or modules.")
    if not members:
        raise UsageError("an ensemble needs at least one member, and the list is empty.")
    return list(members)


def _read(member: Given) -> Run | nn.Module | str:
    """Return the run that a folder holds; other members as they are."""
    if isinstance(member, Path) or (isinstance(member, str) and (Path(member) / ABOUT).exists()):
        return Run.read(member)
    if not isinstance(member, Run | nn.Module | str):
        raise UsageError(f"a member of an ensemble is a {type(member).__name__}, not a run or a module.")
    return member


def _run(member: Run | nn.Module | str) -> Run | None:
    """Return the run whose units a member reads; None for a module or a spec."""
    if isinstance(member, Ensemble):
        return member.run
    return member if isinstance(member, Run) else None


def _name(member: Run | nn.Module | str) -> str:
    return f"`{member}`" if isinstance(member, str) else f"a {type(member).__name__}"


def _task(run: Run) -> str:
    return f"the task `{run.purpose().name}`"


def _classes(run: Run) -> bool:
    """Return whether the outputs of a run are logits of classes along axis 1."""
    return {*run.purpose().needs.values()} <= {Kind.CLASS, Kind.MASK}


def _unlike(run: Run, first: Run) -> str:
    """Return why a run cannot be combined with the first one; empty if it can."""
    if run.purpose().name != first.purpose().name:
        return f"{_task(run)} is not {_task(first)}."
    mine, wanted = tuple(run.data["input"]), tuple(first.data["input"])
    if (mine[0], len(mine)) != (wanted[0], len(wanted)):
        return f"one reads {show(mine)}, the other {show(wanted)}."
    if run.data["classes"] != first.data["classes"]:
        shown, known = (", ".join(each.data["classes"]) for each in (run, first))
        return f"the classes {shown} are not {known}."
    if run.outputs != first.outputs:
        return f"one gives {run.outputs} outputs, the other {first.outputs}."
    return ""


def _converted(net: nn.Module, run: Run, first: Run) -> nn.Module:
    """Return the network of a run, preceded by the change from what the first run's network reads."""
    (spread, centre), (wide, middle) = (_units(each) for each in (run, first))
    if (spread, centre) == (wide, middle):
        return net
    mean = [(c - m) / w for c, m, w in zip(centre, middle, wide, strict=True)]
    std = [s / w for s, w in zip(spread, wide, strict=True)]
    return Raw(net, range=(0.0, 1.0), mean=mean, std=std, axes=len(first.data["input"]) - 1)


def _units(run: Run) -> tuple[list[float], list[float]]:
    """Return by channel the stored values that make one unit of the input of a run, and those that make 0."""
    low, high = run.data["range"]
    width = (high - low) or 1.0
    return (
        [(std or 1.0) * width for std in run.data["std"]],
        [mean * width + low for mean in run.data["mean"]],
    )


def _ballot(output: Tensor) -> Tensor:
    """Return the vote of one member: 1 for its largest output along axis 1, with a little of its softmax."""
    if output.ndim < 2 or output.shape[1] < 2:
        raise ShapeError(f"a vote is between classes along axis 1, and the output is {show(output.shape)}.")
    output = output.to(torch.promote_types(output.dtype, torch.float32))
    hot = F.one_hot(output.argmax(1), output.shape[1]).movedim(-1, 1).to(output.dtype)
    return hot * (1 - TIE) + output.softmax(1) * TIE


def _log_probabilities(output: Tensor) -> Tensor:
    return output.log_softmax(1)


def _unchanged(output: Tensor) -> Tensor:
    return output
