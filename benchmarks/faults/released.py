"""Networks of timm as programs to be mutated; none where timm is not installed."""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from faults.source import Source

NETWORKS = {
    "resnet": ("resnet10t(num_classes=10)", "3x64x64"),
    "vgg": ("vgg11_bn(num_classes=10)", "3x32x32"),
    "densenet": ("densenet121(num_classes=10)", "3x64x64"),
    "convmixer": ("ConvMixer(64, 3, num_classes=10)", "3x56x56"),
    "mlp_mixer": (
        "MlpMixer(num_classes=10, img_size=32, patch_size=8, num_blocks=2, embed_dim=64)",
        "3x32x32",
    ),
}
"""A file of `timm.models`, a network of it, and its input."""


def released() -> Iterator[Source]:
    """The files with their imports written in full, so that a copy of them is loaded."""
    package = find_spec("timm")
    for name, (spec, shape) in NETWORKS.items() if package and package.origin else ():
        text = (Path(package.origin).parent / "models" / f"{name}.py").read_text(encoding="utf-8")
        text = text.encode("ascii", "replace").decode()
        text = re.sub(r"^from \.(\w+) import", r"from timm.models.\1 import", text, flags=re.MULTILINE)
        yield Source(f"timm_{name}", text + f"\n\n# check: {spec} {shape}\n")
