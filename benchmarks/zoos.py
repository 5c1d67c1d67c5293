"""Released networks with the inputs they are meant for, built with random weights.

timm builds its architectures without torchvision here: only its data pipeline needs that, so a stand-in whose
every name is an empty class is imported in its place. torchvision itself is imported without its compiled
operations, which its classifiers do not use.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

LARGEST = 120e6


class LeftOutError(Exception):
    """The reason why a network is not examined."""


@dataclass(frozen=True)
class Released:
    """A published network.

    Args:
        name: what it is called there.
        build: makes it; raises `LeftOutError` where that is not worth while.
        shape: one example without batch.
    """

    name: str
    build: Callable[[], nn.Module]
    shape: tuple[int, ...]


class Fed(nn.Module):
    """A network with other inputs than one tensor of numbers; `feed` makes them from such a tensor."""

    def __init__(self, net: nn.Module, feed: Callable[[nn.Module, Tensor], tuple[Any, ...] | dict[str, Any]]):
        super().__init__()
        self.net = net
        self.feed = feed

    def forward(self, x: Tensor) -> Any:
        given = self.feed(self.net, x)
        return self.net(**given) if isinstance(given, dict) else self.net(*given)


def tokens(x: Tensor, vocabulary: int = 100) -> Tensor:
    """Return indices in a vocabulary, made from any numbers."""
    return (x.abs() * 1000).long() % vocabulary


class Names(type):
    """A class whose every attribute is the name of that attribute, as in an enumeration."""

    def __getattr__(cls, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        return f"{cls.__name__}.{name}"


class StandIn(ModuleType):
    """A package whose every attribute is an empty class."""

    __path__: ClassVar[list[str]] = []

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        return Names(name, (), {})


class Finder(MetaPathFinder, Loader):
    """An importer that stands in for torchvision and all its modules."""

    def find_spec(self, name, path=None, target=None):
        """Return a stand-in for a module of this name."""
        return ModuleSpec(name, self, is_package=True) if name.split(".")[0] == "torchvision" else None

    def create_module(self, spec):
        """Return the stand-in."""
        return StandIn(spec.name)

    def exec_module(self, module):
        """Run nothing: the module stays empty."""


def timm() -> Iterator[Released]:
    """Yield up to three architectures of every module of timm: the first, the middle and the last by name."""
    sys.meta_path.insert(0, Finder())
    import timm

    chosen = {}
    for module in sorted(timm.list_modules()):
        names = timm.list_models(module=module)
        chosen |= dict.fromkeys([*names[:1], *names[len(names) // 2 : len(names) // 2 + 1], *names[-1:]])
    for name in chosen:
        config = timm.models.get_pretrained_cfg(name)
        shape = (config.input_size if config else None) or (3, 224, 224)
        yield Released(name, partial(_sized, partial(timm.create_model, name)), tuple(shape))


def _sized(create: Callable[[], nn.Module]) -> nn.Module:
    with torch.device("meta"):
        try:
            size = sum(parameter.numel() for parameter in create().parameters())
        except (RuntimeError, NotImplementedError, TypeError, ValueError, AttributeError):
            size = 0
    if size > LARGEST:
        raise LeftOutError("too large")
    return create()


def torchvision() -> Iterator[Released]:
    """Yield every classifier, segmenter and video network of torchvision under the size limit."""
    declare()
    models = import_module("torchvision.models")

    for kind, shape in (
        (models, (3, 224, 224)),
        (models.segmentation, (3, 520, 520)),
        (models.video, (3, 16, 224, 224)),
    ):
        for name in models.list_models(module=kind):
            options = {"weights_backbone": None} if kind is models.segmentation else {}
            side = {"inception_v3": (3, 299, 299), "s3d": (3, 16, 256, 256)}.get(name, shape)
            yield Released(
                name, partial(_sized, partial(models.get_model, name, weights=None, **options)), side
            )


def declare() -> None:
    """Declare the two compiled operations without which torchvision cannot be imported."""
    for name in ("nms", "qnms"):
        torch.library.define(f"torchvision::{name}", "(Tensor boxes, Tensor scores, float limit) -> Tensor")


TEXT = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}
PAIR = {
    "d_model": 64,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 128,
    "decoder_ffn_dim": 128,
}
TRANSFORMERS: dict[str, tuple[dict[str, Any], str]] = {
    "BertForSequenceClassification": (TEXT, "text"),
    "RobertaForSequenceClassification": (TEXT, "text"),
    "DistilBertForSequenceClassification": (
        {"dim": 64, "n_layers": 2, "n_heads": 4, "hidden_dim": 128},
        "text",
    ),
    "ElectraForSequenceClassification": ({**TEXT, "embedding_size": 64}, "text"),
    "AlbertForSequenceClassification": ({**TEXT, "embedding_size": 32}, "text"),
    "DebertaV2ForSequenceClassification": (TEXT, "text"),
    "GPT2LMHeadModel": ({"n_embd": 64, "n_layer": 2, "n_head": 4}, "text"),
    "GPTNeoXForCausalLM": (TEXT, "text"),
    "OPTForCausalLM": ({**TEXT, "ffn_dim": 128, "word_embed_proj_dim": 64}, "text"),
    "LlamaForCausalLM": (TEXT, "text"),
    "MistralForCausalLM": ({**TEXT, "num_key_value_heads": 2}, "text"),
    "Qwen2ForCausalLM": ({**TEXT, "num_key_value_heads": 2}, "text"),
    "T5ForConditionalGeneration": (
        {"d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2, "num_heads": 4},
        "both",
    ),
    "BartForConditionalGeneration": (PAIR, "both"),
    "ViTForImageClassification": ({**TEXT, "image_size": 64}, "picture"),
    "DeiTForImageClassification": ({**TEXT, "image_size": 64}, "picture"),
    "BeitForImageClassification": ({**TEXT, "image_size": 64}, "picture"),
    "Dinov2ForImageClassification": ({**TEXT, "image_size": 64, "patch_size": 16}, "picture"),
    "SwinForImageClassification": (
        {
            "image_size": 64,
            "patch_size": 2,
            "embed_dim": 24,
            "depths": [2, 2, 2],
            "num_heads": [2, 4, 8],
            "window_size": 4,
        },
        "picture",
    ),
    "ConvNextForImageClassification": ({}, "photograph"),
    "ConvNextV2ForImageClassification": ({}, "photograph"),
    "ResNetForImageClassification": ({}, "photograph"),
    "RegNetForImageClassification": ({}, "photograph"),
    "MobileViTForImageClassification": ({"image_size": 64}, "picture"),
    "SegformerForSemanticSegmentation": ({}, "photograph"),
    "UperNetForSemanticSegmentation": ({}, "photograph"),
    "Wav2Vec2ForCTC": ({**TEXT, "vocab_size": 100}, "sound"),
    "WhisperForConditionalGeneration": (
        {**PAIR, "max_source_positions": 50, "num_mel_bins": 20},
        "mel",
    ),
}
"""By class of Hugging Face's transformers: its configuration, if not the default, and its inputs."""

SHAPES = {
    "text": (24,),
    "both": (24,),
    "picture": (3, 64, 64),
    "photograph": (3, 224, 224),
    "sound": (8000,),
    "mel": (20, 100),
}
FEEDS: dict[str, Callable[[nn.Module, Tensor], dict[str, Any]]] = {
    "text": lambda net, x: {"input_ids": tokens(x)},
    "both": lambda net, x: {"input_ids": tokens(x), "decoder_input_ids": tokens(x)},
    "picture": lambda net, x: {"pixel_values": x},
    "photograph": lambda net, x: {"pixel_values": x},
    "sound": lambda net, x: {"input_values": x},
    "mel": lambda net, x: {"input_features": x, "decoder_input_ids": tokens(x[:, 0, :10])},
}


def transformers() -> Iterator[Released]:
    """Yield small configurations of the networks of Hugging Face's transformers."""
    library = import_module("transformers")

    def build(name: str, options: dict[str, Any], reads: str) -> nn.Module:
        kind = getattr(library, name)
        return Fed(kind(kind.config_class(**options)), FEEDS[reads])

    for name, (options, reads) in TRANSFORMERS.items():
        yield Released(name, partial(build, name, options, reads), SHAPES[reads])


def monai() -> Iterator[Released]:
    """Yield networks of MONAI for volumes, as its tutorials build them."""
    nets = import_module("monai.networks.nets")

    volume, flat = (1, 64, 64, 64), (1, 96, 96)
    ways = {"spatial_dims": 3, "in_channels": 1, "out_channels": 2}
    stages = {"channels": (16, 32, 64, 128), "strides": (2, 2, 2)}
    kernels = {
        "kernel_size": [3, 3, 3, 3],
        "strides": [1, 2, 2, 2],
        "upsample_kernel_size": [2, 2, 2],
    }
    table: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
        ("UNet", {**ways, **stages}, volume),
        ("UNet", {**ways, **stages, "num_res_units": 2}, volume),
        ("BasicUNet", ways, volume),
        ("AttentionUnet", {**ways, **stages}, volume),
        ("VNet", {}, volume),
        ("SegResNet", ways, volume),
        ("DynUNet", {**ways, **kernels, "res_block": True}, volume),
        ("UNETR", {**ways, "img_size": 64, "hidden_size": 96, "mlp_dim": 192, "num_heads": 4}, volume),
        ("SwinUNETR", {"in_channels": 1, "out_channels": 2, "feature_size": 12}, volume),
        ("DenseNet121", ways, volume),
        ("ResNet", {"block": "basic", "layers": [1, 1, 1, 1], "block_inplanes": [16, 32, 64, 128],
                    "n_input_channels": 1, "num_classes": 2}, volume),
        ("SEResNet50", {"spatial_dims": 2, "in_channels": 1, "num_classes": 2}, flat),
        ("HighResNet", ways, (1, 32, 32, 32)),
        ("AutoEncoder", {**ways, "channels": (8, 16, 32), "strides": (2, 2, 2)}, volume),
        ("EfficientNetBN", {"model_name": "efficientnet-b0", "spatial_dims": 2, "in_channels": 1,
                            "pretrained": False}, flat),
        ("FlexibleUNet", {"in_channels": 1, "out_channels": 2, "backbone": "efficientnet-b0"}, flat),
        ("ViT", {"in_channels": 1, "img_size": (96, 96), "patch_size": 16, "hidden_size": 96, "mlp_dim": 192,
                 "num_heads": 4, "num_layers": 2, "classification": True, "spatial_dims": 2}, flat),
    ]  # fmt: skip

    for name, options, shape in table:
        title = f"{name} {'residual' if 'num_res_units' in options else ''}".strip()
        yield Released(title, partial(getattr(nets, name), **options), shape)


ZOOS = {"timm": timm, "torchvision": torchvision, "transformers": transformers, "monai": monai}
