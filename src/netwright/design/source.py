"""The layers of a solution as PyTorch source that does not import Netwright, as `ruff format` formats it."""

from collections.abc import Mapping
from typing import Any

from netwright.arithmetic.shape import show
from netwright.design.layer import Layer
from netwright.design.part import Part, parts

WIDTH = 88

RESIDUAL = '''\
class ResidualBlock(nn.Module):
    """Two normed convolutions and an identity shortcut; the sum is rectified."""

    def __init__(self, channels: int, **window):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv{rank}d(channels, channels, **window, bias=False),
            nn.BatchNorm{rank}d(channels),
            nn.ReLU(),
            nn.Conv{rank}d(channels, channels, **window, bias=False),
            nn.BatchNorm{rank}d(channels),
        )
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(x + self.branch(x))
'''

WHOLE = '''\
class {name}(nn.Sequential):
    """{shapes}."""

    def __init__(self):
        super().__init__(OrderedDict({members}))
'''


def source(chains: Mapping[str, tuple[Layer, ...]], summary: str) -> str:
    """Return a file that defines one class for each chain and, for several, one that runs them in turn.

    Args:
        chains: the layers by the name of their part, such as `encoder`.
        summary: the docstring of the file; its first line is a sentence.
    """
    layers = [layer for chain in chains.values() for layer in chain]
    blocks = [_chain(name.capitalize(), chain) for name, chain in chains.items()]
    needs = "from torch import nn\n"
    if any(layer.residuals for layer in layers):
        blocks.insert(0, RESIDUAL.replace("{rank}", str(len(layers[0].kernel))))
        needs = "from torch import Tensor, nn\n"
    if len(chains) > 1:
        needs = f"from collections import OrderedDict\n\n{needs}"
        blocks.append(_whole(chains))
    return "\n\n".join([f'"""{summary}\n"""\n\n{needs}', *blocks])


def _whole(chains: Mapping[str, tuple[Layer, ...]]) -> str:
    every = list(chains.values())
    members = ", ".join(f"{name}={name.capitalize()}()" for name in chains)
    shapes = (
        f"{show(every[0][0].input)} to {show(every[-1][-1].output)}, by way of {show(every[0][-1].output)}"
    )
    return WHOLE.format(name="Autoencoder", shapes=shapes, members=members)


def _chain(name: str, layers: tuple[Layer, ...]) -> str:
    lines = [
        f"class {name}(nn.Sequential):",
        f'    """{show(layers[0].input)} to {show(layers[-1].output)}."""',
        "",
        "    def __init__(self):",
        "        super().__init__(",
    ]
    for layer in layers:
        lines.append(f"            # {show(layer.input)} to {show(layer.output)}")
        for part in parts(layer):
            lines += _call(part, " " * 12)
    return "\n".join([*lines, "        )", ""])


def _call(part: Part, indent: str) -> list[str]:
    """Return one module as a line, or wrapped as `ruff format` wraps it."""
    home = "" if part.name == "ResidualBlock" else "nn."
    words = [str(value) for value in part.args]
    words += [f"{name}={_literal(value)}" for name, value in part.options.items()]
    line = f"{indent}{home}{part.name}({', '.join(words)}),"
    if len(line) <= WIDTH:
        return [line]
    inner = f"{indent}    {', '.join(words)}"
    if len(inner) <= WIDTH:
        return [f"{indent}{home}{part.name}(", inner, f"{indent}),"]
    wrapped = [f"{indent}    {word}," for word in words]
    return [f"{indent}{home}{part.name}(", *wrapped, f"{indent}),"]


def _literal(value: Any) -> str:
    """Return a value as Python source.

    >>> _literal((3, 5)), _literal(False)
    ('(3, 5)', 'False')
    """
    return repr(value)
