"""The modules of a solution as data, which `build` turns into modules and `source` into text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from netwright.design.layer import Layer


@dataclass(frozen=True)
class Part:
    """One module: its class in `torch.nn` (or `ResidualBlock`), and its arguments."""

    name: str
    args: tuple[int, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


def parts(layer: Layer) -> Iterator[Part]:
    """Yield the modules of one layer in the order in which they run.

    A hidden convolution is followed by batch normalisation and ReLU. Where the map has a single position, the
    statistics of a single example would be those of one value, so there the convolution has a bias instead of
    the norm. The last layer has neither norm nor activation.
    """
    rank = len(layer.kernel)
    if layer.reduced != layer.input[0]:
        pointwise = _short({"kernel_size": 1, "bias": layer.points[0]})
        yield Part(f"Conv{rank}d", (layer.input[0], layer.reduced), pointwise)
        yield from _after(layer.reduced, rank, point=layer.points[0])
    yield _window(layer, rank)
    if layer.last:
        return
    yield from _after(layer.output[0], rank, point=layer.points[1])
    for _ in range(layer.residuals):
        yield Part("ResidualBlock", (layer.output[0],), _residual(layer))


def _window(layer: Layer, rank: int) -> Part:
    options: dict[str, Any] = {"kernel_size": layer.kernel, "stride": layer.stride, "padding": layer.padding}
    options |= {"output_padding": layer.output_padding} if layer.transposed else {}
    options |= {"groups": layer.groups, "bias": layer.last or layer.points[1]}
    name = f"ConvTranspose{rank}d" if layer.transposed else f"Conv{rank}d"
    return Part(name, (layer.reduced, layer.output[0]), _short(options))


def _short(options: dict[str, Any]) -> dict[str, Any]:
    """Leave out torch's defaults, and write one number where all axes agree."""
    usual = {"stride": 1, "padding": 0, "output_padding": 0, "groups": 1, "bias": True}
    same = {
        name: value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value
        for name, value in options.items()
    }
    return {name: value for name, value in same.items() if name not in usual or value != usual[name]}


def _after(channels: int, rank: int, *, point: bool) -> Iterator[Part]:
    if not point:
        yield Part(f"BatchNorm{rank}d", (channels,))
    yield Part("ReLU")


def _residual(layer: Layer) -> dict[str, Any]:
    kernel = layer.residual_kernel
    return _short(
        {"kernel_size": kernel, "padding": tuple(k // 2 for k in kernel), "groups": layer.residual_groups}
    )
