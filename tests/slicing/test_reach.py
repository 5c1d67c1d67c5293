"""Which methods of a class count."""

import ast
import textwrap

import pytest

from netwright.slicing.effects import Definitions
from netwright.slicing.reach import Reach

NET = """
import torch
from torch import nn
import pytorch_lightning as pl
from others import Strange

class Net({base}):
    default = at_definition
    def __init__(self):
        super().__init__()
        self.build(first)
    def build(self, x): return second
    def forward(self, x): return self.head(x) + third
    @property
    def width(self): return fourth
    def train_dataloader(self): return data
    def fit(self): self.loss.backward(); return more
    class Part(nn.Module):
        def forward(self, x): return fifth
"""


def later(text: str, name: str = "Net") -> set[str]:
    tree = ast.parse(textwrap.dedent(text))
    definitions = Definitions.of(tree)
    node = {**definitions.functions, **definitions.classes}[name]
    return Reach(tree, definitions).later(node) - {"super"}


@pytest.mark.parametrize("base", ["nn.Module", "torch.nn.Module", "pl.LightningModule", "object"])
def test_methods_that_are_not_called_to_build_or_run_it_are_left_out(base: str):
    assert later(NET.format(base=base)) == {"first", "second", "third", "fifth"}


def test_a_strange_base_may_call_any_method():
    assert later(NET.format(base="Strange")) >= {"data", "more", "fourth"}
    assert "data" in later("class Own(Strange): pass\n" + NET.format(base="Own"))
    assert "data" not in later("class Own(Net): pass\n" + NET.format(base="Own"))
    assert "data" not in later("class Own(object): pass\n" + NET.format(base="Own"))


def test_a_method_that_the_module_or_another_class_mentions_is_reached():
    assert "fourth" in later(NET.format(base="nn.Module") + "\nprint(Net().width)")
    assert "fourth" in later(
        NET.format(base="nn.Module") + "\nclass B(Net):\n def forward(self, x): return self.width"
    )
    assert "more" not in later(NET.format(base="nn.Module") + "\nNet().fit()\nnet = Net()\nnet.fit()")


def test_getattr_may_reach_any_method():
    assert "data" in later(NET.format(base="nn.Module").replace("return second", "return getattr(self, x)()"))


def test_a_function_reads_what_it_names_and_one_that_looks_names_up_reads_every_definition():
    assert later("def make(): return Net(width)", "make") == {"Net", "width"}
    text = "class A: pass\ndef b(): pass\ndef make(name): return {}"
    for lookup in ("globals()[name]()", "eval(name)()", "getattr(sys.modules[__name__], name)()"):
        assert {"A", "b", "make"} <= later(text.format(lookup), "make")


def test_other_statements_read_nothing_later():
    tree = ast.parse("x = 1")
    assert Reach(tree, Definitions.of(tree)).later(tree.body[0]) == set()
