"""What calls change."""

import ast
import textwrap

import pytest

from netwright.slicing.effects import Definitions

FILE = textwrap.dedent("""
    import torch
    import torch.nn.functional as F
    from torch import nn
    from torch.nn import init as start
    from others import change, print_net
    if True:
        from . import beside

    layers = []

    def append(x): layers.append(x)
    def indirect(x): append(x)
    def freeze(module, value):
        for p in module.parameters():
            p.requires_grad = value
    def weights(module, *, std):
        start.normal_(module.weight, std=std)
    def look(module): module.eval(); print(module)
    def train(module): module.train(); module(1).backward()
    def epochs(module): train(module)
    def local(): layers = []; layers.append(1)
    def build():
        global net
        net = 1
    def again(n): return again(n - 1)

    class Base:
        def inherited(self): self.x = 1
    class Box(Base):
        def __init__(self, parts): layers.append(parts)
        def put(self, part): self.part = part
        def both(self, part): self.put(part)
        def fit(self): self.optimizer.step()
        def size(self): return len(self.part)
    box = Box([])
""")


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return Definitions.of(ast.parse(FILE))


@pytest.mark.parametrize(
    ("text", "certain", "possible", "bound"),
    [
        ("net.a = 1", {"net"}, set(), set()),
        ("net.a[0].b += 1", {"net"}, set(), set()),
        ("del net[0]", {"net"}, set(), set()),
        ("net.add_module('a', b)", {"net"}, set(), set()),
        ("x = names.pop()", {"names"}, set(), set()),
        ("x = net.encode(y)", set(), set(), set()),
        ("net.zero_grad()", set(), set(), set()),
        ("net.fit(x)", set(), set(), set()),
        ("net.eval()", set(), {"net"}, set()),
        ("net.load_state_dict(x)", set(), {"net"}, set()),
        ("setattr(net, 'a', b)", {"net"}, set(), set()),
        ("print(net)", set(), set(), set()),
        ("change(net, by=cfg)", set(), {"net", "cfg"}, set()),
        ("x = change(net)", set(), set(), set()),
        ("print_net(net)", set(), set(), set()),
        ("nn.init.zeros_(net.weight)", set(), {"net"}, set()),
        ("[change(m) for m in net.modules()]", set(), {"m", "net"}, set()),
        ("torch.save(net, 'x')", set(), set(), set()),
        ("net(x)", set(), {"x"}, set()),
        ("append(net)", {"layers"}, set(), set()),
        ("x = indirect(net)", {"layers"}, set(), set()),
        ("freeze(net.body, True)", {"net"}, set(), set()),
        ("weights(module=net, std=1)", set(), {"net"}, set()),
        ("look(net)", set(), set(), set()),
        ("train(net)", set(), set(), set()),
        ("epochs(net)", set(), set(), set()),
        ("local()", set(), set(), set()),
        ("build()", set(), set(), {"net"}),
        ("again(net)", set(), set(), set()),
        ("box.put(1)", {"box"}, set(), set()),
        ("box.both(1)", {"box"}, set(), set()),
        ("box.inherited()", {"box"}, set(), set()),
        ("x = box.size()", set(), set(), set()),
        ("box.fit()", set(), set(), set()),
        ("Box(net)", {"layers"}, set(), set()),
        ("(lambda: 1)()", set(), set(), set()),
    ],
)
def test_what_a_statement_changes_and_binds(definitions, text: str, certain: set, possible: set, bound: set):
    assert definitions.changed(ast.walk(ast.parse(text).body[0])) == (certain, possible, bound)


@pytest.mark.parametrize(
    ("text", "trains"),
    [
        ("loss.backward()", True),
        ("for x in y: optimizer.step()", True),
        ("epochs(net)", True),
        ("box.fit()", True),
        ("Box([]).fit()", True),
        ("box.size()", False),
        ("net.fit()", False),
        ("again(3)", False),
        ("net(x)", False),
    ],
)
def test_code_trains_if_it_or_a_function_that_it_calls_does(definitions, text: str, trains: bool):
    assert definitions.trains(ast.parse(text).body[0]) is trains


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("torch.nn.Linear", "torch.nn.Linear"),
        ("nn.Linear", "torch.nn.Linear"),
        ("F.relu", "torch.nn.functional.relu"),
        ("start.zeros_", "torch.nn.init.zeros_"),
        ("change", "others.change"),
        ("layers.append", ""),
        ("f()", ""),
    ],
)
def test_names_are_traced_to_their_imports(definitions, text: str, name: str):
    assert definitions.dotted(ast.parse(text, mode="eval").body) == name


def test_methods_know_their_class(definitions):
    put = definitions.classes["Box"].body[1]
    assert definitions.owner(put) is definitions.classes["Box"]
    assert definitions.owner(definitions.functions["look"]) is None
    assert definitions.effects(put).certain == {"self"}
