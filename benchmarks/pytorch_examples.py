"""The networks of github.com/pytorch/examples, built from the files of a clone.

Most of its scripts read the command line and start to train when they are imported. So only the imports,
classes and functions of a file are run, with the few names that its classes need set as the script's own
defaults set them.
"""

import ast
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from functools import partial
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import torch
import zoos
from torch import Tensor, nn
from zoos import Fed, LeftOutError, Released, tokens

Feed = Callable[[nn.Module, Tensor], tuple[Any, ...]]

GAN = {"nz": 100, "ngf": 64, "ndf": 64, "nc": 3}
FORWARD = {"args": Namespace(lr=0.03, threshold=2, epochs=1, log_interval=10), "device": "cpu"}
VIT = Namespace(
    patch_size=16, n_channels=3, latent_size=192, num_heads=12, num_encoders=4, dropout=0.1, num_classes=10,
    no_cuda=True, batch_size=2,
)  # fmt: skip
SNLI = Namespace(
    n_embed=100, d_embed=100, d_proj=300, d_hidden=300, n_layers=1, n_cells=2, birnn=True, dp_ratio=0.2,
    projection=True, fix_emb=True, d_out=4,
)  # fmt: skip


def graph(net: nn.Module, x: Tensor) -> tuple[Any, ...]:
    """Return one graph, whose nodes are the examples of the batch."""
    return x, torch.eye(len(x), device=x.device)


def sentences(net: nn.Module, x: Tensor) -> tuple[Any, ...]:
    """Return a sequence with time as its first axis, and the initial state of a recurrent network."""
    return tokens(x).T, net.init_hidden(len(x))


def pairs(net: nn.Module, x: Tensor) -> tuple[Any, ...]:
    """Return a premise and a hypothesis."""
    return (Namespace(premise=tokens(x).T, hypothesis=tokens(x + 1).T),)


def translation(net: nn.Module, x: Tensor) -> tuple[Any, ...]:
    """Return two sentences without masks."""
    return tokens(x).T, tokens(x).T, None, None, None, None, None


Build = Callable[[Any], nn.Module]

NETWORKS: list[tuple[str, str, Build, tuple[int, ...], dict[str, Any], Feed | None]] = [
    ("mnist/main.py", "Net", lambda file: file.Net(), (1, 28, 28), {}, None),
    ("mnist_rnn/main.py", "Net", lambda file: file.Net(), (1, 28, 28), {}, None),
    ("mnist_hogwild/main.py", "Net", lambda file: file.Net(), (1, 28, 28), {}, None),
    ("mnist_forward_forward/main.py", "Layer", lambda file: file.Layer(784, 500), (784,), FORWARD, None),
    ("dcgan/main.py", "Generator", lambda file: file.Generator(1), (100, 1, 1), GAN, None),
    ("dcgan/main.py", "Discriminator", lambda file: file.Discriminator(1), (3, 64, 64), GAN, None),
    ("vae/main.py", "VAE", lambda file: file.VAE(), (1, 28, 28), {}, None),
    ("super_resolution/model.py", "Net", lambda file: file.Net(3), (1, 32, 32), {}, None),
    ("fast_neural_style/neural_style/transformer_net.py", "TransformerNet",
     lambda file: file.TransformerNet(), (3, 64, 64), {}, None),
    ("siamese_network/main.py", "SiameseNetwork", lambda file: file.SiameseNetwork(), (1, 28, 28), {},
     lambda net, x: (x, x + 1)),
    ("time_sequence_prediction/train.py", "Sequence", lambda file: file.Sequence().double(), (20,), {}, None),
    ("word_language_model/model.py", "RNNModel LSTM", lambda file: file.RNNModel("LSTM", 100, 200, 200, 2),
     (35,), {}, sentences),
    ("word_language_model/model.py", "RNNModel GRU tied",
     lambda file: file.RNNModel("GRU", 100, 64, 64, 2, tie_weights=True), (35,), {}, sentences),
    ("word_language_model/model.py", "TransformerModel",
     lambda file: file.TransformerModel(100, 200, 2, 200, 2), (35,), {}, lambda net, x: (tokens(x).T,)),
    ("gcn/main.py", "GCN", lambda file: file.GCN(1433, 16, 7), (1433,), {}, graph),
    ("gat/main.py", "GAT", lambda file: file.GAT(1433, 64, 8, 7), (1433,), {}, graph),
    ("vision_transformer/main.py", "ViT", lambda file: file.ViT(VIT), (3, 64, 64), {}, None),
    ("reinforcement_learning/reinforce.py", "Policy", lambda file: file.Policy(), (4,), {}, None),
    ("reinforcement_learning/actor_critic.py", "Policy", lambda file: file.Policy(), (4,), {}, None),
    ("snli/model.py", "SNLIClassifier", lambda file: file.SNLIClassifier(SNLI), (12,), {}, pairs),
    ("language_translation/src/model.py", "Translator",
     lambda file: file.Translator(2, 2, 64, 4, 100, 100, 64, 0.1), (12,), {}, translation),
    ("distributed/minGPT-ddp/mingpt/model.py", "GPT",
     lambda file: file.GPT(file.GPTConfig("gpt-nano", vocab_size=100, block_size=32)), (24,), {},
     lambda net, x: (tokens(x),)),
    ("distributed/FSDP2/model.py", "Transformer", lambda file: file.Transformer(file.ModelArgs()), (12,), {},
     lambda net, x: (tokens(x, 8),)),
    ("distributed/tensor_parallelism/llama2_model.py", "Transformer",
     lambda file: file.Transformer(
         file.ModelArgs(dim=64, n_layers=2, n_heads=4, vocab_size=100, max_seq_len=32)), (24,), {},
     lambda net, x: (tokens(x),)),
    ("distributed/ddp/example.py", "ToyModel", lambda file: file.ToyModel(), (10,), {}, None),
    ("distributed/fsdp/fsdp-mnist/fsdp_mnist.py", "Net", lambda file: file.Net(), (1, 28, 28), {}, None),
    ("distributed/rpc/parameter_server/rpc_parameter_server.py", "Net", lambda file: file.Net(), (1, 28, 28),
     {}, None),
    ("differentiable_physics/mass_spring.py", "MassSpringSystem",
     lambda file: file.MassSpringSystem(2, [(0, 1, 1.0, 10.0)]), (1,), {}, lambda net, x: (5,)),
]  # fmt: skip
"""For each network: its file, name, constructor call, one example, the script's settings, and its call."""


def networks(folder: Path) -> Iterator[Released]:
    """Return every network of the table."""
    if find_spec("torchvision"):
        zoos.declare()
    for path, name, build, shape, names, feed in NETWORKS:
        yield Released(f"{path}:{name}", partial(_build, folder / path, build, names, feed), shape)


class Definitions(SourceFileLoader):
    """An importer of the definitions of a file, and of those of its imports that are installed."""

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:
        """Return the file without the statements that would run."""
        tree = ast.parse(data)
        tree.body = [statement for statement in tree.body if _defines(statement)]
        return compile(tree, path, "exec")

    def get_code(self, fullname: str) -> CodeType:
        """Return None, so that the source is always read: a cached file would contain all of it."""
        return self.source_to_code(self.get_data(self.path), self.path)


def _defines(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Import):
        return all(_installed(alias.name) for alias in statement.names)
    if isinstance(statement, ast.ImportFrom):
        return _installed(statement.module or "")
    return isinstance(statement, ast.ClassDef | ast.FunctionDef)


def _installed(name: str) -> bool:
    package = find_spec(name.partition(".")[0])
    return package is not None and Path(package.origin or "/").parent != Path(__file__).parent


def _build(file: Path, build: Build, names: dict[str, Any], feed: Feed | None) -> nn.Module:
    if not file.is_file():
        raise LeftOutError("no file")
    module = _definitions(file, names)
    try:
        net = build(module)
    except NameError as error:
        raise LeftOutError(f"lacks {error.name}") from error
    return Fed(net, feed) if feed else net


def _definitions(file: Path, names: dict[str, Any]) -> ModuleType:
    title = "example_" + "_".join(file.with_suffix("").parts[-3:])
    module = module_from_spec(spec_from_loader(title, Definitions(title, str(file))))
    vars(module).update(names)
    sys.modules[title] = module
    module.__loader__.exec_module(module)
    return module
