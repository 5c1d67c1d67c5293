"""Published networks as reference definitions, small enough to read beside the paper."""

from functools import partial

from torch import Tensor, nn


class Residual(nn.Module):
    """A branch and a shortcut that is projected where the shape changes (He et al. 2015)."""

    def __init__(self, branch: nn.Module, inside: int, out: int, stride: int):
        super().__init__()
        self.branch = branch
        same = inside == out and stride == 1
        self.shortcut = nn.Identity() if same else nn.Conv2d(inside, out, 1, stride)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.branch(x) + self.shortcut(x))


def basic(inside: int, width: int, stride: int) -> tuple[nn.Module, int]:
    """Two 3x3."""
    branch = nn.Sequential(
        nn.Conv2d(inside, width, 3, stride, 1), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1)
    )
    return Residual(branch, inside, width, stride), width


def bottleneck(inside: int, width: int, stride: int, *, first: bool) -> tuple[nn.Module, int]:
    """1x1, 3x3, 1x1; the stride on the first 1x1 (as published) or on the 3x3."""
    branch = nn.Sequential(
        nn.Conv2d(inside, width, 1, stride if first else 1),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.Conv2d(width, width, 3, 1 if first else stride, 1),
        nn.ReLU(),
        nn.Conv2d(width, 4 * width, 1),
    )
    return Residual(branch, inside, 4 * width, stride), 4 * width


def resnet(block, counts: tuple[int, ...], width: int = 8) -> nn.Sequential:
    """7x7 stem, pooling, four stages, head; narrow, since widths do not change what a unit sees."""
    layers: list[nn.Module] = [nn.Conv2d(3, width, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inside = width
    for stage, count in enumerate(counts):
        for index in range(count):
            made, inside = block(inside, width * 2**stage, 2 if stage and not index else 1)
            layers.append(made)
    head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inside, 10))
    return nn.Sequential(nn.Sequential(*layers), *head).eval()


def mobilenet() -> nn.Sequential:
    """A stem and thirteen depthwise-separable blocks (Howard et al. 2017)."""
    layers: list[nn.Module] = [nn.Conv2d(3, 8, 3, 2, 1)]
    for stride in (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1):
        layers += [nn.Conv2d(8, 8, 3, stride, 1, groups=8), nn.BatchNorm2d(8), nn.ReLU6(), nn.Conv2d(8, 8, 1)]
    return nn.Sequential(
        nn.Sequential(*layers), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)
    ).eval()


late, early = (partial(bottleneck, first=first) for first in (False, True))

# 483, 1027, 1507 and 315 also stand in the table of github.com/google-research/receptive_field, the library
# of Araujo, Norris & Sim 2019; there the stride is on a stage's last 3x3, which reaches as far.
LAST_MAPS = {
    "ResNet-18": (partial(resnet, basic, (2, 2, 2, 2)), 435),
    "ResNet-50, stride on the 3x3": (partial(resnet, late, (3, 4, 6, 3)), 427),
    "ResNet-50, stride on the first 1x1": (partial(resnet, early, (3, 4, 6, 3)), 483),
    "ResNet-101, stride on the first 1x1": (partial(resnet, early, (3, 4, 23, 3)), 1027),
    "ResNet-152, stride on the first 1x1": (partial(resnet, early, (3, 8, 36, 3)), 1507),
    "MobileNet": (mobilenet, 315),
}
