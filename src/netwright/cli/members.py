"""Which network of a run is used: the options that every command on a trained run shares."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter

GROUP = Group("Network", help="Which weights are used, and of which runs.")
ONE = Parameter(group=GROUP)
FLAG = Parameter(group=GROUP, negative="")


@Parameter(name="*")
@dataclass(frozen=True)
class Members:
    """The choices of a person about the network of a run."""

    others: Annotated[
        tuple[Path, ...], Parameter(name="--with", group=GROUP, negative="", consume_multiple=True)
    ] = ()
    "Further runs, whose outputs are combined with those of the run."
    combine: Annotated[Literal["mean", "vote", "maximum"], ONE] = "mean"
    "How the outputs of several runs are combined."
    flips: Annotated[bool, FLAG] = False
    "Average over reflections along the axes that the training flipped."
    which: Annotated[Literal["best", "last"], ONE] = "best"
    "The weights: those of the best epoch, or of the last one."
    net: Annotated[str | None, ONE] = None
    "The network of a run of a module: net.py:Net."
    trust: Annotated[bool, FLAG] = False
    "Build the network that the run's folder names, whatever code it runs."

    def options(self) -> dict[str, Any]:
        """Return the options of `Predictor.of`."""
        return dict(vars(self))
