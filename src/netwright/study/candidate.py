"""A design before it is trained: its name, how it is built, and what is known without training."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from netwright.analysis.macs import macs
from netwright.errors import USER_ERRORS, ShapeError, UsageError
from netwright.spec import load, parse
from netwright.study.arm import Design
from netwright.trace.usercode import format_error

Build = Callable[[], nn.Module]


@dataclass(frozen=True)
class Candidate:
    """A named design: a spec, or a function without arguments that builds the network anew."""

    name: str
    source: str | Build

    @property
    def spec(self) -> str:
        """The spec, or the name of the function."""
        if isinstance(self.source, str):
            return self.source
        return getattr(self.source, "__qualname__", type(self.source).__qualname__)

    def build(self, input: tuple[int, ...], outputs: int) -> nn.Module:
        """Build the network for inputs of a shape, without the batch, and the outputs of a task.

        Raises:
            SpecError: the spec names nothing, or something that cannot be built.
            UsageError: the function raises, or returns something other than a network.
        """
        if isinstance(self.source, str):
            return load(self.source, input=input, classes=outputs)
        try:
            net = self.source()
        except USER_ERRORS as error:
            raise UsageError(f"design `{self.name}` cannot be built: {format_error(error)}.") from error
        if not isinstance(net, nn.Module):
            raise UsageError(f"design `{self.name}` returned a {type(net).__name__}, not a torch.nn.Module.")
        return net

    def measure(self, input: tuple[int, ...], outputs: int) -> Design:
        """Return the design with its counts for one input; a count is None where the network fails."""
        with torch.random.fork_rng(devices=[]):
            net = self.build(input, outputs)
            params = _params(net, input)
        return Design(self.name, self.spec, self._fingerprint(net), params, _macs(net, input))

    def _fingerprint(self, net: nn.Module) -> str:
        """Digest the printed structure, the shapes of the weights, and the text of the user's file."""
        shapes = [
            (name, () if is_lazy(tensor) else tensor.shape) for name, tensor in net.state_dict().items()
        ]
        facts = sha256(f"{net!r} {shapes}".encode())
        if isinstance(self.source, str) and (home := parse(self.source).home).endswith(".py"):
            facts.update(Path(home).expanduser().read_bytes())
        return facts.hexdigest()[:16]


def candidates(designs: Sequence[str] | Mapping[str, str | Build]) -> list[Candidate]:
    """Return the designs with their names.

    Raises:
        UsageError: there is no design, one is given twice, or one is neither a spec nor a function.
    """
    named = designs if isinstance(designs, Mapping) else {name: name for name in designs}
    if isinstance(designs, str) or not named:
        raise UsageError(
            f"`designs` (={designs!r}) must be a list of specs, or a mapping of names to specs and functions."
        )
    if len(named) < len(designs):
        raise UsageError(
            f"`designs` (={', '.join(designs)}) contains a design twice; each design is compared once."
        )
    for name, source in named.items():
        if not isinstance(source, str) and (isinstance(source, nn.Module) or not callable(source)):
            raise UsageError(
                f"design `{name}` is a {type(source).__name__}; give a spec, or a function that builds the "
                "network anew for every seed."
            )
    return [Candidate(name, source) for name, source in named.items()]


def slug(name: str) -> str:
    """Return a name as the name of a folder; names that would become equal are kept apart by a digest.

    >>> slug("resnet20"), slug("lr=0.05"), slug("a/b")
    ('resnet20', 'lr=0.05', 'a-b-c14cddc0')
    """
    plain = re.sub(r"[^A-Za-z0-9._=-]+", "-", name).strip("-.")[:60]
    if plain and plain == name:
        return plain
    return f"{plain or 'unnamed'}-{sha256(name.encode()).hexdigest()[:8]}"


def _params(net: nn.Module, input: tuple[int, ...]) -> int | None:
    """Count the parameters; lazy layers get theirs from a run on two blank examples first."""
    try:
        if any(is_lazy(parameter) for parameter in net.parameters()):
            with torch.no_grad():
                net(torch.zeros(2, *input))
        return sum(parameter.numel() for parameter in net.parameters())
    except USER_ERRORS:
        return None  # training will say what is wrong


def _macs(net: nn.Module, input: tuple[int, ...]) -> int | None:
    try:
        return macs(net, input)
    except (*USER_ERRORS, ShapeError):
        return None  # training will say what is wrong, if anything is
