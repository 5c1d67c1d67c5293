"""Weights are drawn from U(0, 1), so all of them are positive.

What. All weights of a convolution or linear layer lie between 0 and 1, with a mean of about one half.

Why. `torch.rand`, and `uniform_()` without bounds, give only positive weights. Every unit sums its inputs,
the signal grows by about half the fan-in at each layer, and the gradients of one layer all have one sign
(LeCun et al. 1998, "Efficient BackProp", section 4.6: weights of mean zero and standard deviation
1/sqrt(fan-in)).

Guard. The finding is an info, for layers of 16 weights and more.

Instead. Use PyTorch's own initialisation, or `nn.init.kaiming_normal_(weight)`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network

FEWEST = 16
DEVIATION = 12**-0.5
"""The standard deviation of one number from U(0, 1)."""


def look(network: "Network") -> Iterator[Remark]:
    """Report every layer whose weights look like U(0, 1)."""
    from torch import nn

    for path, module in network.modules.items():
        if not isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d):
            continue
        weight = module.weight.detach()
        if weight.is_meta or weight.numel() < FEWEST or bool((weight.flatten()[:FEWEST] < 0).any()):
            continue
        mean = float(weight.mean())
        off = max(0.1, 4 * DEVIATION * weight.numel() ** -0.5)
        if float(weight.min()) >= 0 and 0.8 < float(weight.max()) <= 1 and abs(mean - 0.5) < off:
            yield Remark(
                network.built(path),
                f"the weights of {network.title(path)} are all positive: in [0, 1], with mean {mean:.2f}.",
                module=path,
                evidence={"mean": mean},
                fix=Fix("use nn.init.kaiming_normal_, or PyTorch's own initialisation"),
            )


RULE = Rule("info", "manual", network=look)
