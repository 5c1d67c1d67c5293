"""The lines that called an operation and built a module are those in the user's file."""

from inspect import getsourcelines
from pathlib import Path

import torch
from torch import nn

from netwright.trace import source
from netwright.trace.record import record


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)
        self.layers = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(4, 5, 3),
        )
        self.left, self.right = nn.Flatten(), nn.Identity()
        self.add_module("named", nn.Linear(5, 2))
        self.loop = nn.Sequential(*[nn.Identity() for _ in range(3)])

    def forward(self, x):
        y = self.layers(self.first(x)).mean((2, 3))
        return self.loop(self.named(self.right(self.left(y))))


def line_of(text: str) -> int:
    lines, start = getsourcelines(Net)
    return next(start + index for index, line in enumerate(lines) if text in line)


def test_the_calling_line_is_the_innermost_outside_torch():
    graph = record(Net(), (3, 8, 8))
    lines = {op.name: op.where.line for op in graph.ops}
    assert lines["conv2d"] == lines["mean"] == line_of("y = self.layers")
    assert lines["linear"] == line_of("return self.loop")
    assert {op.where.file for op in graph.ops} == {__file__}


def test_the_building_line_is_read_from_the_owner_also_inside_containers():
    built = {path: module.built for path, module in record(Net(), (3, 8, 8)).modules.items()}
    assert built["first"].line == line_of("self.first = ")
    assert built["layers.1"].line == line_of("nn.Conv2d(4, 5, 3),")
    assert built["left"].line == built["right"].line == line_of("self.left, self.right")
    assert built["named"].line == line_of("add_module")
    assert built["loop.2"].line == line_of("self.loop = ")
    assert built[""] is None


def test_columns_point_at_the_constructor():
    line = record(Net(), (3, 8, 8)).modules["first"].built
    text = Path(line.file).read_text().splitlines()[line.line - 1]
    assert text[line.column - 1 :].startswith("nn.Conv2d(3, 4, 3)")


def test_watched_building_knows_modules_that_have_no_owner():
    initialise = nn.Module.__init__

    def make() -> nn.Module:
        return nn.Sequential(nn.Linear(2, 2), *[nn.Linear(2, 2) for _ in range(2)])

    with source.building():
        net = make()
    assert nn.Module.__init__ is initialise
    here = getsourcelines(make)[1] + 1
    assert {module.built.line for module in record(net, (2,)).modules.values()} == {here}


def test_what_the_watching_function_builds_itself_has_no_line():
    """Also where the watched code watches in turn, as a user's factory that loads a spec does."""

    def load(build):
        with source.building():
            return build()

    assert record(load(nn.Identity), (2,)).modules[""].built is None
    assert record(load(lambda: load(nn.Identity)), (2,)).modules[""].built is None


def test_a_module_of_torch_alone_has_no_calling_line():
    assert source.calling(None) is None
    assert record(nn.Sequential(nn.ReLU()), (3,)).ops[0].where is None


def test_the_raising_line_is_the_innermost_outside_torch():
    try:
        torch.zeros(2) + torch.zeros(3)
    except RuntimeError as error:
        line = source.raising(error.__traceback__)
    assert line.file == __file__


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.inherited: nn.Module = nn.Linear(2, 2)
        self.listed = nn.ModuleList(
            [
                nn.Linear(2, 2),
                nn.ReLU(),
            ]
        )
        self.starred = nn.Sequential(
            *[nn.ReLU()],
            nn.Linear(2, 2),
        )
        self.keyed = nn.ModuleDict({"one": nn.Identity()})

    def forward(self, x):
        for layer in self.listed:
            x = layer(x)
        return self.keyed["one"](self.starred(self.inherited(x)))


class Child(Base):
    pass


def line_in(cls: type, text: str, nth: int = 0) -> int:
    lines, start = getsourcelines(cls)
    return [start + index for index, line in enumerate(lines) if text in line][nth]


def test_a_class_finds_the_lines_of_its_base():
    built = {path: module.built.line for path, module in record(Child(), (2,)).modules.items() if path}
    assert built["inherited"] == line_in(Base, "self.inherited: nn.Module")
    assert built["listed.0"] == line_in(Base, "nn.Linear(2, 2),")
    assert built["listed.1"] == line_in(Base, "nn.ReLU(),")


def test_where_elements_cannot_be_counted_the_line_is_the_containers():
    built = {path: module.built.line for path, module in record(Base(), (2,)).modules.items() if path}
    assert built["starred.1"] == line_in(Base, "self.starred = ")
    assert built["keyed.one"] == line_in(Base, "self.keyed = ")


def conv(channels: int) -> nn.Module:
    return nn.Linear(channels, channels)


def test_watched_building_names_the_line_in_the_factory_and_the_users_line_of_a_class():

    def make() -> nn.Module:
        return nn.Sequential(conv(2), Child())

    with source.building():
        net = make()
    lines = {path: module.built.line for path, module in record(net, (2,)).modules.items()}
    assert lines["0"] == getsourcelines(conv)[1] + 1
    assert lines["1"] == getsourcelines(make)[1] + 1
    assert lines["1.inherited"] == line_in(Base, "self.inherited: nn.Module")


def test_equal_text_in_two_files_is_distinguished(tmp_path):
    text = "from torch import nn\nclass Net(nn.Module):\n    def forward(self, x):\n        return x + 1\n"
    seen = []
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(text)
        space: dict = {"__name__": name}
        exec(compile(text, str(tmp_path / name), "exec"), space)
        seen.append(record(space["Net"](), (2,)).ops[0].where)
    assert [(Path(line.file).name, line.line, line.column) for line in seen] == [
        ("one.py", 4, 16),
        ("two.py", 4, 16),
    ]


def test_a_class_without_a_file_has_no_building_line():
    space: dict = {"nn": nn, "__name__": "typed"}
    exec(
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.layer = nn.Linear(2, 2)\n"
        "    def forward(self, x):\n"
        "        return self.layer(x)\n",
        space,
    )
    assert record(space["Net"](), (2,)).modules["layer"].built is None


def test_lines_in_einops_and_torch_are_passed_over():
    import einops

    class Turn(nn.Module):
        def forward(self, x):
            return einops.rearrange(x, "b (h w) -> b w h", h=2)

    here = getsourcelines(Turn)[1] + 2
    assert {op.where.line for op in record(Turn(), (6,)).ops} == {here}
