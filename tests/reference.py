"""Published networks written out plainly, to hold counts against published figures."""

import torch
import torch.nn.functional as F
from torch import nn


def conv_norm(inside: int, outside: int, kernel: int, stride: int = 1, padding: int = 0) -> list[nn.Module]:
    return [nn.Conv2d(inside, outside, kernel, stride, padding, bias=False), nn.BatchNorm2d(outside)]


class Residual(nn.Module):
    """Basic (two 3x3) or bottleneck (1x1, 3x3, 1x1) unit with a projection where the shape changes."""

    def __init__(self, inside: int, width: int, stride: int, bottleneck: bool, early: bool = False):
        super().__init__()
        outside = 4 * width if bottleneck else width
        first, second = (stride, 1) if early else (1, stride)
        if bottleneck:
            parts = [
                *conv_norm(inside, width, 1, first),
                nn.ReLU(inplace=True),
                *conv_norm(width, width, 3, second, 1),
                nn.ReLU(inplace=True),
                *conv_norm(width, outside, 1),
            ]
        else:
            parts = [
                *conv_norm(inside, width, 3, stride, 1),
                nn.ReLU(inplace=True),
                *conv_norm(width, width, 3, 1, 1),
            ]
        self.body = nn.Sequential(*parts)
        self.act = nn.ReLU(inplace=True)
        same = stride == 1 and inside == outside
        self.shortcut = nn.Identity() if same else nn.Sequential(*conv_norm(inside, outside, 1, stride))

    def forward(self, x):
        return self.act(self.body(x) + self.shortcut(x))


def resnet(counts: list[int], bottleneck: bool, early: bool = False) -> nn.Module:
    """He 2015, ImageNet; `early` puts the stride on the first 1x1."""
    layers = [*conv_norm(3, 64, 7, 2, 3), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    inside = 64
    for stage, count in enumerate(counts):
        for index in range(count):
            stride = 2 if stage and not index else 1
            layers.append(Residual(inside, 64 * 2**stage, stride, bottleneck, early))
            inside = 64 * 2**stage * (4 if bottleneck else 1)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inside, 1000))


class Dense(nn.Module):
    """Huang 2017: norm, ReLU, 1x1 to four growths, norm, ReLU, 3x3 to one growth, concatenated."""

    def __init__(self, inside: int, growth: int = 32):
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(inside),
            nn.ReLU(),
            nn.Conv2d(inside, 4 * growth, 1, bias=False),
            nn.BatchNorm2d(4 * growth),
            nn.ReLU(),
            nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False),
        )

    def forward(self, x):
        return torch.cat([x, self.body(x)], 1)


def densenet121() -> nn.Module:
    layers = [*conv_norm(3, 64, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    width = 64
    for stage, count in enumerate([6, 12, 24, 16]):
        for _ in range(count):
            layers.append(Dense(width))
            width += 32
        if stage < 3:
            layers += [nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width // 2, 1, bias=False)]
            layers.append(nn.AvgPool2d(2))
            width //= 2
    head = [nn.BatchNorm2d(width), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 1000)]
    return nn.Sequential(*layers, *head)


class Inception(nn.Module):
    """Szegedy 2014 with biases and 5x5 branches."""

    def __init__(self, inside: int, one: int, three: tuple[int, int], five: tuple[int, int], pool: int):
        super().__init__()
        self.branches = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(inside, one, 1), nn.ReLU()),
                nn.Sequential(
                    nn.Conv2d(inside, three[0], 1), nn.ReLU(), nn.Conv2d(*three, 3, padding=1), nn.ReLU()
                ),
                nn.Sequential(
                    nn.Conv2d(inside, five[0], 1), nn.ReLU(), nn.Conv2d(*five, 5, padding=2), nn.ReLU()
                ),
                nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(inside, pool, 1), nn.ReLU()),
            ]
        )

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


def googlenet() -> nn.Module:
    pool = nn.MaxPool2d(3, 2, ceil_mode=True)
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, 2, 3),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.Conv2d(64, 64, 1),
        nn.ReLU(),
        nn.Conv2d(64, 192, 3, padding=1),
        nn.ReLU(),
        pool,
        Inception(192, 64, (96, 128), (16, 32), 32),
        Inception(256, 128, (128, 192), (32, 96), 64),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        Inception(480, 192, (96, 208), (16, 48), 64),
        Inception(512, 160, (112, 224), (24, 64), 64),
        Inception(512, 128, (128, 256), (24, 64), 64),
        Inception(512, 112, (144, 288), (32, 64), 64),
        Inception(528, 256, (160, 320), (32, 128), 128),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        Inception(832, 256, (160, 320), (32, 128), 128),
        Inception(832, 384, (192, 384), (48, 128), 128),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(1024, 1000),
    )


class UNet(nn.Module):
    """Ronneberger 2015: valid convolutions, centre crops, 1x572x572 to 2x388x388."""

    def __init__(self, widths: tuple[int, ...] = (64, 128, 256, 512, 1024)):
        super().__init__()
        self.down = nn.ModuleList(self.pair(a, b) for a, b in zip((1, *widths), widths, strict=False))
        steps = list(zip(widths[::-1], widths[-2::-1], strict=False))
        self.up = nn.ModuleList(nn.ConvTranspose2d(a, b, 2, 2) for a, b in steps)
        self.after = nn.ModuleList(self.pair(a, b) for a, b in steps)
        self.head = nn.Conv2d(widths[0], 2, 1)

    @staticmethod
    def pair(inside: int, outside: int) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(inside, outside, 3), nn.ReLU(), nn.Conv2d(outside, outside, 3), nn.ReLU()
        )

    def forward(self, x):
        kept = []
        for block in self.down:
            x = block(F.max_pool2d(x, 2) if kept else x)
            kept.append(x)
        for up, after, skip in zip(self.up, self.after, kept[-2::-1], strict=True):
            x = up(x)
            edge = (skip.shape[-1] - x.shape[-1]) // 2
            crop = skip[..., edge : edge + x.shape[-2], edge : edge + x.shape[-1]]
            x = after(torch.cat([crop, x], 1))
        return self.head(x)


class TransformerBlock(nn.Module):
    """Pre-norm attention and MLP; attention by `nn.MultiheadAttention` or written with SDPA."""

    def __init__(self, width: int, heads: int, written: bool):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.heads = heads
        if written:
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        else:
            self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def attend(self, x):
        if hasattr(self, "attention"):
            return self.attention(x, x, x, need_weights=False)[0]
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ViT(nn.Module):
    """Dosovitskiy 2020, B/16 by default."""

    def __init__(
        self,
        written: bool,
        width: int = 768,
        depth: int = 12,
        heads: int = 12,
        size: int = 224,
        patch: int = 16,
    ):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.place = nn.Parameter(torch.zeros(1, (size // patch) ** 2 + 1, width))
        self.blocks = nn.Sequential(*(TransformerBlock(width, heads, written) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 1000)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.place
        return self.head(self.norm(self.blocks(x))[:, 0])
