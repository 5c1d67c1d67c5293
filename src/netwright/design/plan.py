"""What the solver yields: layers with their cost, and the network they describe."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netwright.arithmetic.shape import Shape, show
from netwright.design.layer import Layer, receptive_field
from netwright.design.problem import Problem

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Plan:
    """The layers that meet a problem; `alternatives` are the next best, none with the shapes of another.

    Parameters are trainable ones; MACs are those of one example's convolutions; the receptive field is what
    one output sees in the middle of a large map, per axis, in input positions.
    """

    problem: Problem
    layers: tuple[Layer, ...]
    alternatives: tuple["Plan", ...] = ()

    @property
    def params(self) -> int:
        """Trainable parameters."""
        return sum(layer.params for layer in self.layers)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one example."""
        return sum(layer.macs for layer in self.layers)

    @property
    def receptive_field(self) -> tuple[int, ...]:
        """Input positions per axis that one output sees."""
        return receptive_field(self.layers)

    @property
    def input(self) -> Shape:
        """What goes in, without batch."""
        return self.layers[0].input

    @property
    def output(self) -> Shape:
        """What comes out; of an autoencoder its reconstruction."""
        return self.layers[-1].output

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape before each layer and after the last."""
        return (self.input, *(layer.output for layer in self.layers))

    @property
    def chains(self) -> dict[str, tuple[Layer, ...]]:
        """Layers by the name of the part they make: `encoder`, `decoder` or both."""
        if self.problem.direction == "mirror":
            half = len(self.layers) // 2
            return {"encoder": self.layers[:half], "decoder": self.layers[half:]}
        return {"decoder" if self.problem.direction == "up" else "encoder": self.layers}

    def build(self) -> "nn.Sequential":
        """The network, with torch's starting weights."""
        from netwright.design.build import build

        return build(self.chains)

    def source(self) -> str:
        """PyTorch text that defines the same network: classes `Encoder`, `Decoder`, `Autoencoder`."""
        from netwright.design.source import source

        return source(self.chains, f"{self.title()}.\n\n{self.totals()}.")

    def title(self) -> str:
        """What goes in, what comes out, in how many layers."""
        count = f"{len(self.layers)} layer" + "s" * (len(self.layers) > 1)
        return f"{show(self.input)} to {show(self.output)} in {count}"

    def totals(self) -> str:
        """Parameters, MACs and receptive field."""
        field = show(self.receptive_field)
        return f"{self.params:,} parameters, {self.macs:,} MACs, receptive field {field}"

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row a layer, its receptive field the one in the plan's input."""
        for index, layer in enumerate(self.layers):
            yield {
                "layer": "transposed" if layer.transposed else "conv",
                "input": show(layer.input),
                "output": show(layer.output),
                "kernel": layer.kernel,
                "stride": layer.stride,
                "padding": layer.padding,
                "output_padding": layer.extra,
                "groups": layer.groups,
                "reduced": layer.reduced,
                "residuals": layer.residuals,
                "params": layer.params,
                "macs": layer.macs,
                "receptive_field": receptive_field(self.layers[: index + 1]),
            }

    def to_json(self) -> dict[str, Any]:
        """The plan as plain data."""
        return {
            "input": show(self.input),
            "output": show(self.output),
            "params": self.params,
            "macs": self.macs,
            "receptive_field": self.receptive_field,
            "layers": list(self.rows()),
            "alternatives": [plan.to_json() for plan in self.alternatives],
        }
