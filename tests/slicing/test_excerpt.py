"""Which statements of a script stay; in the scripts here those that must go are marked by `# out`."""

import ast
import textwrap
from pathlib import Path

import pytest
import torch
import torchmetrics

from netwright.slicing.excerpt import Excerpt, excerpt
from netwright.slicing.names import bound, own, reads

SCRIPTS = {
    "a training loop with its data goes": """
        import torch
        from torch import nn
        from data import Loader
        net = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
        loader = Loader("train", download=True)  # out
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)  # out
        for epoch in range(2000):  # out
            for x, y in loader:  # out
                net.train()  # out
                loss = (net(x) - y).sum()  # out
                loss.backward()  # out
                optimizer.step()  # out
            print(epoch)  # out
        torch.save(net.state_dict(), "net.pt")  # out
    """,
    "constants, definitions, seeds and the search path stay": """
        import sys, os, random
        import numpy as np
        import torch
        sys.path.append("..")
        os.environ["CUDA_VISIBLE_DEVICES"] = "0"
        random.seed(0)
        np.random.seed(0)
        torch.manual_seed(0)
        torch.backends.cudnn.benchmark = True
        torch.set_default_dtype(torch.float64)
        BATCH = 32
        WIDTHS = [BATCH, 2 * BATCH]
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        print(device)  # out
        x = torch.randn(3)  # out
        def helper(): return x
        net = torch.nn.Linear(3, 4)
    """,
    "what a class reads when it is built or run stays": """
        from torch import nn
        from data import read
        words = read("words.txt")
        sentences = read("sentences.txt")  # out
        def size(): return len(words)
        class net(nn.Module):
            def __init__(self):
                self.layer = nn.Embedding(size(), 3)
            def forward(self, x):
                return self.scaled(x)
            def scaled(self, x):
                return x * scale
            def fit(self):
                return sentences
        scale = read("scale.txt")
    """,
    "all methods count below a base class of another file": """
        from base import Base
        from data import read
        sentences = read("sentences.txt")
        class net(Base):
            def build(self): return sentences
    """,
    "a network may be changed before and after it is built": """
        from torch import nn
        from data import Loader
        def init(m):
            if isinstance(m, nn.Linear): nn.init.zeros_(m.bias)
        layers = []
        for width in (3, 4, 5):
            layers.append(nn.Linear(width, width + 1))
        layers += [nn.ReLU()]
        layers.extend(nn.Linear(n, n) for n in (6, 6))
        head = nn.Linear(6, 2)
        net = nn.Sequential(*layers, head)
        net.add_module("extra", nn.Linear(2, 2))
        net.apply(init)
        setattr(net, "scale", 3)
        nn.init.ones_(net[0].weight)
        net[0].weight.data.fill_(1)
        for parameter in head.parameters():
            parameter.requires_grad = False
        for name, module in net.named_modules():
            nn.init.zeros_(module.bias)
        [init(m) for m in net.modules()]
        print(net)  # out
        out = net(Loader())  # out
        out.zero_()  # out
    """,
    "functions of the file are read for what they change": """
        from torch import nn
        def freeze(module):
            for p in module.parameters():
                p.requires_grad_(False)
        def add(layer):
            layers.append(layer)
        def report(module):
            module.eval()
            print(module)
        def fit(module):
            module.train()
            module(1).backward()
        layers = []
        add(nn.Linear(3, 3))
        net = nn.Sequential(*layers)
        freeze(net)
        report(net)  # out
        fit(net)  # out
        net = fit(net)  # out
    """,
    "a dictionary of settings may be changed in many ways": """
        from torch import nn
        from settings import read
        cfg = dict(width=3)
        cfg.update(depth=4)
        cfg["kernel"] = 5
        other = {}
        other["x"] = read()  # out
        del cfg["depth"]
        if cfg["kernel"] > 3:
            cfg["padding"] = 2
        net = nn.Conv2d(3, 4, cfg["kernel"])
    """,
    "the last binding counts": """
        from torch import nn
        from data import read
        net = nn.Linear(read("x"), 3)  # out
        net.bias = read("y")  # out
        net = nn.Linear(3, 3)
        width = read("z")  # out
    """,
    "conditions, tries and with are cut down to what is needed": """
        import torch
        from torch import nn
        from data import read
        fast = True
        if fast:
            net = nn.Linear(3, 3)
            print("fast")  # out
        elif read("slow"):
            net = nn.Linear(30, 30)
        else:
            raise ValueError(fast)
        try:
            gain = read("gain")
            print(gain)  # out
        except OSError:
            gain = 1
        with torch.no_grad():
            net.weight.fill_(gain)
            net(read("x"))  # out
    """,
    "a command line is read if a needed value comes from it": """
        import argparse
        from torch import nn
        parser = argparse.ArgumentParser()
        parser.add_argument("--width", type=int, default=3)
        group = parser.add_argument_group("training")
        group.add_argument("--lr", type=float, default=0.1)
        args = parser.parse_args()
        args.width += 1
        print(args)  # out
        net = nn.Linear(args.width, 3)
        if args.lr > 1:
            net = net.cuda()
    """,
    "a command line is not read for nothing": """
        import argparse
        import torch
        from torch import nn
        parser = argparse.ArgumentParser()  # out
        parser.add_argument("--seed", required=True)  # out
        args = parser.parse_args()  # out
        torch.manual_seed(args.seed)  # out
        device = torch.device(args.device)  # out
        net = nn.Linear(3, 3)
        net = net.to(device)  # out
        net.to(args.device)  # out
        if args.resume:  # out
            net.load_state_dict(torch.load(args.resume))  # out
    """,
    "moving and modes stay if they cost nothing": """
        from torch import nn
        from data import loader
        device = "cuda"
        net = nn.Linear(3, 3)
        net.to(device)
        net = net.cuda()
        net.eval()
        for x, y in loader():  # out
            net.train()  # out
    """,
    "weights that the script does not save are loaded": """
        import torch
        net = torch.nn.Linear(3, 3)
        net.load_state_dict(torch.load("net.pt"))
    """,
    "weights that the script itself saves are not loaded": """
        import torch
        net = torch.nn.Linear(3, 3)
        net(torch.ones(3)).backward()  # out
        torch.save(net.state_dict(), "net.pt")  # out
        net.load_state_dict(torch.load("net.pt"))  # out
    """,
    "decorators that register what they decorate": """
        from torch import nn
        from data import read
        NETS = {}
        def register(name):
            def wrap(made):
                NETS[name] = made
                return made
            return wrap
        @register("small")
        class Small(nn.Module):
            width = read("small")
        @read("unknown")
        def loader(): pass
        def net(): return NETS["small"]()
    """,
    "names that only the main guard binds": """
        from torch import nn
        from data import read
        width = 3
        if __name__ == "__main__":
            width = 4
            args = read("args")
            lines = read("lines")
            net = nn.Linear(args.width, width)
            net.apply(print)
            for line in lines:
                net(line).backward()
    """,
    "a guard is left alone if the name is bound outside": """
        from torch import nn
        net = nn.Linear(3, 3)
        if __name__ == "__main__":
            net.apply(nn.init.zeros_)
            net = None
    """,
    "a loop that builds the network and trains it": """
        from torch import nn
        from data import read
        data = read("x")  # out
        for width in (3, 4, 5):
            net = nn.Linear(width, 3)
            for x in data:  # out
                net(x).backward()  # out
            if net(data) < 3:  # out
                break  # out
    """,
    "a while loop keeps its condition and its way out": """
        from torch import nn
        layers, n = [], 3
        while True:
            layers.append(nn.Linear(n, n + 1))
            print(n)  # out
            n += 1
            if n > 5:
                break
        net = nn.Sequential(*layers)
    """,
    "names bound by a function that declares them global": """
        from torch import nn
        def build():
            global net
            net = nn.Linear(3, 3)
        def count():
            global steps
            steps = 1
        build()
        count()  # out
    """,
    "a patched library stays patched": """
        import torch
        from data import read
        torch.nn.Linear.reset_parameters = lambda self: None
        x = read("x")  # out
        torch.nn.Linear.extra = x  # out
        net = torch.nn.Linear(3, 3)
    """,
    "names that are computed": """
        from torch import nn
        from data import read
        def Small(): return nn.Linear(WIDTH, 3)
        WIDTH = read("width")
        exec(open("settings.py").read())
        def net(): return globals()["Small"]()
    """,
    "unpacking, aliases, walrus and star imports": """
        from torch.nn import *
        from data import read
        (a, b), *rest = read("sizes")
        c, d = 1, read("d")  # out
        if (n := read("n")) > 2:
            size = n
        model = net = Sequential(Linear(a, b))
        same = net[0]
        same.bias = None
        model.append(Linear(b, size))
        e, f = read("e")  # out
    """,
    "a comprehension has names of its own": """
        from torch import nn
        from data import read
        width = read("width")  # out
        net = nn.ModuleList([nn.Linear(width, 3) for width in (3, 4)])
    """,
    "a definition that needs data for its defaults goes unless it is asked for": """
        from torch import nn
        from data import read
        loader = read("x")  # out
        def fit(loader=loader): pass  # out
        net = nn.Linear(3, 3)
    """,
    "asserts, exits and texts": '''
        """Train."""
        import sys
        import torch
        from torch import nn
        assert torch.cuda.is_available()  # out
        if len(sys.argv) < 2:  # out
            sys.exit(1)  # out
        "a note"
        net = nn.Linear(3, 3)
    ''',
}


def left_out(part: Excerpt) -> set[int]:
    return {line for first, last in part.left_out for line in range(first, last + 1)}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_exactly_the_marked_lines_are_left_out(script: str):
    text = textwrap.dedent(script).lstrip()
    marked = {number for number, line in enumerate(text.splitlines(), 1) if line.endswith("# out")}
    part = excerpt(text, "net")
    assert left_out(part) == marked, ast.unparse(part.tree)


def test_what_stays_keeps_its_lines():
    text = "import torch\nprint(1)\n\nnet = torch.nn.Linear(\n    3,\n    4,\n)\n"
    statement = excerpt(text, "net").tree.body[-1]
    assert (statement.lineno, statement.end_lineno) == (4, 7)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("net = 1", ""),
        ("print(1)\nnet = 1", "line 1"),
        ("print(1)\n\n# two\nprint(\n2)\nnet = 1", "lines 1-5"),
        ("print(1)\nnet = 1\nprint(2)", "lines 1 and 3"),
        ("print(1)\na = 1\nprint(2)\nb = 1\nprint(3)\nprint(4)\nnet = 1", "lines 1, 3 and 5-6"),
        ("print(1)\na = 1\n" * 8, "lines 1, 3, 5, 7, 9 and 3 more places"),
        ("'text'\nif __name__ == '__main__':\n    print(1)\nnet = 1", ""),
        ("@print\n@read(x)\ndef f(y=x): pass\nnet = 1", "lines 1-3"),
    ],
)
def test_the_lines_that_are_left_out_are_named(text: str, lines: str):
    assert excerpt(text, "net").lines() == lines


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("import argparse\np = argparse.ArgumentParser()\nargs = p.parse_args()\nnet = args.x", 3),
        ("import argparse\np = argparse.ArgumentParser()\nargs, _ = p.parse_known_args()\nnet = args.x", 3),
        ("import sys\nnet = sys.argv[1]", 2),
        ("import argparse\np = argparse.ArgumentParser()\nargs = p.parse_args([])\nnet = args.x", None),
        ("import argparse\nargs = argparse.ArgumentParser().parse_args()\nnet = 3", None),
    ],
)
def test_a_line_that_reads_the_command_line_is_known_if_it_stays(text: str, line: int | None):
    assert excerpt(text, "net").command_line == line


def test_an_import_that_would_fail_stays_only_where_it_is_needed():
    text = "import here\nimport gone\nfrom gone.a import b\nfrom . import c\nnet = here.Net()"

    def kept(name: str) -> str:
        return ast.unparse(excerpt(text, name, lambda package: package == "here").tree)

    assert kept("net") == "import here\nfrom . import c\nnet = here.Net()"
    assert kept("b") == "import here\nfrom gone.a import b\nfrom . import c"


def test_imports_in_one_statement_are_told_apart():
    text = "import here, gone\nfrom gone import *\nnet = here.Net()"
    part = excerpt(text, "net", lambda package: package == "here")
    assert ast.unparse(part.tree) == "import here\nfrom gone import *\nnet = here.Net()"
    assert part.lines() == ""


def test_the_main_guard_is_true_where_its_names_are_needed():
    part = excerpt("if __name__ == '__main__':\n    net = 3\n    print(net)", "net")
    assert ast.unparse(part.tree) == "if True:\n    net = 3"


@pytest.mark.parametrize(("text", "error"), [("def f(:", SyntaxError), ("\0", (SyntaxError, ValueError))])
def test_a_text_that_is_not_python_is_refused(text: str, error: type[Exception]):
    with pytest.raises(error):
        excerpt(text, "net")


FILES = [file for kind in (torch.nn, torchmetrics) for file in Path(kind.__file__).parent.rglob("*.py")]


@pytest.mark.parametrize("file", sorted(FILES)[::29], ids=lambda file: file.name)
def test_no_statement_that_stays_lacks_a_name_that_the_file_binds(file: Path):
    text = file.read_text(encoding="utf-8")
    bindings = {name for node in own(ast.parse(text)) for name in bound(node)}
    for wanted in sorted(bindings)[:5]:
        tree = excerpt(text, wanted).tree
        kept = {name for node in own(tree) for name in bound(node)}
        read = {name for statement in tree.body for name in reads(statement, later=False)}
        assert read & bindings <= kept
        assert wanted in kept
