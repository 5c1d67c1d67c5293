"""A convolution has a kernel of 1.

What. Any convolution whose kernel is 1 along every axis.

Why. Acme's accelerator runs kernels of 3 at the price of kernels of 1.

Instead.

    nn.Conv2d(64, 64, 3, padding=1)
"""

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule


def look(network):
    """Report every convolution with a kernel of 1."""
    for path, module in network.modules.items():
        if getattr(module, "kernel_size", None) == (1, 1):
            yield Remark(
                network.built(path),
                f"{network.title(path)} has a kernel of 1.",
                module=path,
                evidence={"kernel": 1},
                fix=Fix("nn.Conv2d(…, 3, padding=1)"),
            )


RULE = Rule("warning", "manual", network=look)
