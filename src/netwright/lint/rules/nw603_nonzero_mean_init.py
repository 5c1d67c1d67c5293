"""Weights drawn from U(0, 1).

What. All weights of a convolution or linear layer lie between 0 and 1, with mean one half.

Why. `torch.rand` and `uniform_()` without bounds give only positive weights: every unit sums its inputs,
the signal grows by about half the fan-in at each layer, and gradients of one layer all have one sign (LeCun
et al. 1998, "Efficient BackProp", section 4.6: weights of mean zero and deviation 1/sqrt(fan-in)).

Guard. An info, for 64 weights and more.

Instead. PyTorch's own initialisation, or `nn.init.kaiming_normal_(weight)`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network

FEWEST = 64


def look(network: "Network") -> Iterator[Remark]:
    """Every layer whose weights look like U(0, 1)."""
    from torch import nn

    for path, module in network.modules.items():
        if not isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d):
            continue
        weight = module.weight.detach()
        if weight.is_meta or weight.numel() < FEWEST or bool((weight.flatten()[:FEWEST] < 0).any()):
            continue
        mean = float(weight.mean())
        if float(weight.min()) >= 0 and 0.8 < float(weight.max()) <= 1 and 0.4 < mean < 0.6:
            yield Remark(
                network.built(path),
                f"the weights of {network.title(path)} lie in [0, 1] with mean {mean:.2f}: all positive.",
                module=path,
                evidence={"mean": mean},
                fix=Fix("nn.init.kaiming_normal_, or PyTorch's own initialisation"),
            )


RULE = Rule("info", "manual", network=look)
