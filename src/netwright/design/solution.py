"""What the solver finds: layers with their cost, and the network that they describe."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netwright.arithmetic.shape import Shape, show
from netwright.design.layer import Layer, receptive_field
from netwright.design.problem import Problem

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Solution:
    """The layers that meet a problem; `alternatives` are the next best ones, all with different shapes.

    Parameters are the trainable ones, and MACs are those of the convolutions for one example. The receptive
    field is what one output in the middle of a large map sees, in input positions along each axis.
    """

    problem: Problem
    layers: tuple[Layer, ...]
    alternatives: tuple["Solution", ...] = ()

    @property
    def params(self) -> int:
        """The number of trainable parameters."""
        return sum(layer.params for layer in self.layers)

    @property
    def macs(self) -> int:
        """The multiply-accumulates of one example."""
        return sum(layer.macs for layer in self.layers)

    @property
    def receptive_field(self) -> tuple[int, ...]:
        """The input positions along each axis that one output sees."""
        return receptive_field(self.layers)

    @property
    def input(self) -> Shape:
        """The shape of the input, without the batch."""
        return self.layers[0].input

    @property
    def output(self) -> Shape:
        """The shape of the output; for an autoencoder, of its reconstruction."""
        return self.layers[-1].output

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape before each layer and after the last one."""
        return (self.input, *(layer.output for layer in self.layers))

    @property
    def chains(self) -> dict[str, tuple[Layer, ...]]:
        """The layers by the name of the part that they form: `encoder`, `decoder` or both."""
        if self.problem.direction == "mirror":
            half = len(self.layers) // 2
            return {"encoder": self.layers[:half], "decoder": self.layers[half:]}
        return {"decoder" if self.problem.direction == "up" else "encoder": self.layers}

    def build(self) -> "nn.Sequential":
        """Return the network, with torch's initial weights."""
        from netwright.design.build import build

        return build(self.chains)

    def source(self) -> str:
        """Return PyTorch source that defines the same network as a class named after its part."""
        from netwright.design.source import source

        return source(self.chains, f"{self.title()}.\n\n{self.totals()}.")

    def title(self) -> str:
        """Return the input, the output and the number of layers as text."""
        count = f"{len(self.layers)} layer" + "s" * (len(self.layers) > 1)
        return f"{show(self.input)} to {show(self.output)} in {count}"

    def totals(self) -> str:
        """Return parameters, MACs and receptive field as text."""
        field = show(self.receptive_field)
        return f"{self.params:,} parameters, {self.macs:,} MACs, receptive field {field}"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each layer; its receptive field counts positions of the network's input."""
        for index, layer in enumerate(self.layers):
            yield {
                "layer": "transposed" if layer.transposed else "conv",
                "input": show(layer.input),
                "output": show(layer.output),
                "kernel": layer.kernel,
                "stride": layer.stride,
                "padding": layer.padding,
                "output_padding": layer.output_padding,
                "groups": layer.groups,
                "reduced": layer.reduced,
                "residuals": layer.residuals,
                "params": layer.params,
                "macs": layer.macs,
                "receptive_field": receptive_field(self.layers[: index + 1]),
            }

    def to_json(self) -> dict[str, Any]:
        """Return the solution as plain data."""
        return {
            "input": show(self.input),
            "output": show(self.output),
            "params": self.params,
            "macs": self.macs,
            "receptive_field": self.receptive_field,
            "layers": list(self.rows()),
            "alternatives": [solution.to_json() for solution in self.alternatives],
        }
