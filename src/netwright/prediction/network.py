"""The module that predicts for a run: its network, with the votes of other runs and over reflections."""

from collections.abc import Sequence
from pathlib import Path
from warnings import warn

from torch import nn

from netwright.arithmetic.call import LiteralCall, parse
from netwright.arithmetic.grid import Grid
from netwright.data.kinds import Kind
from netwright.errors import UsageError
from netwright.prediction.ensemble import Combine, Ensemble
from netwright.prediction.flips import Flips
from netwright.receptive.grid import grid
from netwright.training.folder import Folder
from netwright.training.result import Run, Which


def network(
    run: Run | Ensemble | str | Path,
    others: Sequence[Run | str | Path] = (),
    combine: Combine = "mean",
    flips: bool | Sequence[int] = False,
    *,
    which: Which = "best",
    net: nn.Module | str | None = None,
    trust: bool = False,
) -> tuple[Run, nn.Module]:
    """Return a run, and the module in evaluation mode that reads and gives what the network of the run does.

    Args:
        run: The run, its folder, or an ensemble with runs, whose first one it is.
        others: Further runs; all of them together make an `Ensemble`.
        combine: How the outputs of several runs are combined.
        flips: Whether each network is averaged over reflections of the axes that its training flipped (see
            `reflected`), or of which axes of space.
        which: The weights, "best" or "last".
        net: The network of a run of a module, as for `Run.load`.
        trust: Build the specs that the folders of the runs name whatever code they run.

    Raises:
        UsageError: Reflections would shift the output, or the members of an ensemble are all modules.
        RunError: There is no such run, its task is not installed, it needs `net`, or the runs differ.
        CheckpointError: The weights are damaged.
    """
    if isinstance(run, Ensemble):
        if run.run is None:
            raise UsageError("none of the members of the ensemble is a run, which says what its outputs are.")
        known = run.run
        module: nn.Module = Ensemble([run, *others], combine, which=which, trust=trust) if others else run
    else:
        known = run if isinstance(run, Run) else Run.read(run)
        known.purpose()
        if others:
            nets = [net, *[None] * len(others)]
            module = Ensemble([known, *others], combine, which=which, trust=trust, nets=nets)
        else:
            module = known.load(which, net, trust=trust)
    return known, module if flips is False else _reflecting(known, module, flips)


def _reflecting(run: Run, module: nn.Module, flips: bool | Sequence[int]) -> nn.Module:
    """Return a module that averages over reflections, each member of an ensemble by itself."""
    axes = reflected(run) if isinstance(flips, bool) else tuple(flips)
    if reason := shifted(grid(module, tuple(run.data["input"]))):
        raise UsageError(f"{reason}; predict without flips.")
    if isinstance(module, Ensemble):
        return module.each(lambda member: Flips(member, axes))
    return Flips(module, axes)


def reflected(run: Run) -> tuple[int, ...]:
    """Return the axes of space that the training of a run flipped (as nnU-Net does); all if it flipped none.

    For a class of an example that is a warning, because a reflection may turn one class into another.
    """
    space = len(run.data["input"]) - 1
    names = Folder(run.folder).about()["resolved"]["augment"]
    calls = [parse(name) for name in names if name.partition("(")[0].strip() == "flip"]
    axes = {axis % space for call in calls for axis in _flipped(call)}
    if not axes and Kind.CLASS in run.purpose().needs.values():
        warn(
            f"the run in `{run.folder}` was trained without flip; if a reflection turns one class into "
            "another, as 2 into 5, the mean over reflections is worse.",
            stacklevel=5,
        )
    return tuple(sorted(axes)) or tuple(range(space))


def _flipped(call: LiteralCall) -> Sequence[int]:
    """Return the axes of a call such as `flip(0.5, (0, 1))`."""
    default = call.args[1] if len(call.args) > 1 else (-1,)
    axes: Sequence[int] = call.options.get("axes", default)
    return axes


def shifted(grid: Grid | None) -> str:
    """Return why positions of an output do not lie where those of a reflected input do; empty if they do.

    >>> shifted(Grid.regular((8, 8), (2, 2), stride=4))
    ''
    """
    for number, axis in enumerate(grid.axes if grid else ()):
        shift = 2 * axis.offset + (axis.size - 1) * axis.stride - (axis.input - 1)
        if shift:
            return (
                f"along axis {number} the positions of the output for a reflected input of {axis.input} "
                f"pixels lie {abs(float(shift)):g} pixels beside those for the input itself"
            )
    return ""
