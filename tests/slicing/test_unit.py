"""Statements and the blocks that they stand in."""

import ast
import textwrap

from netwright.slicing.effects import Definitions
from netwright.slicing.unit import Unit, blocks, is_guard, units


def split(text: str) -> dict[str, Unit]:
    """The units of a script by the first line of their statement."""
    tree = ast.parse(textwrap.dedent(text))
    return {ast.unparse(unit.node).partition("\n")[0]: unit for unit in units(tree, Definitions.of(tree))}


SCRIPT = """
import a
with a.mode() as m:
    b = 1
    if b > c:
        d = 2
    else:
        e = 3
for i, j in f:
    g = i
    while g:
        k = 4
try:
    import h
except (ImportError, l):
    h = None
finally:
    n = 5
if __name__ == "__main__":
    o = 6
else:
    p = 7
class Q(R):
    s = 8
    def t(self): return u
v = exec("w = 1")
"""


def test_every_statement_is_a_unit_in_the_order_of_the_text():
    made = list(split(SCRIPT).values())
    assert [unit.place for unit in made] == list(range(len(made)))
    assert [unit.node.lineno for unit in made] == sorted(unit.node.lineno for unit in made)


def test_heads_and_loops_lead_outwards():
    made = split(SCRIPT)
    assert [type(head.node) for head in made["d = 2"].heads] == [ast.If, ast.With]
    assert made["k = 4"].loop is made["for i, j in f:"]
    assert made["while g:"].loop is made["for i, j in f:"]
    assert made["b = 1"].loop is None


def test_a_head_reads_and_binds_without_its_blocks():
    made = split(SCRIPT)
    assert (made["if b > c:"].reads, made["if b > c:"].binds) == ({"b", "c"}, set())
    assert (made["for i, j in f:"].reads, made["for i, j in f:"].binds) == ({"f"}, {"i", "j"})
    assert (made["with a.mode() as m:"].reads, made["with a.mode() as m:"].binds) == ({"a"}, {"m"})
    assert made["try:"].reads == {"ImportError", "l"}
    assert (made["class Q(R):"].reads, made["class Q(R):"].binds) == ({"R"}, {"Q"})


def test_a_binding_is_certain_where_it_is_always_executed():
    made = split(SCRIPT)
    sure = {name for name, unit in made.items() if unit.certain}
    assert sure == {"import a", "b = 1", "class Q(R):", "v = exec('w = 1')"}


def test_only_the_body_of_the_main_guard_is_guarded():
    made = split(SCRIPT)
    assert {name for name, unit in made.items() if unit.guarded} == {"o = 6"}
    assert is_guard(ast.parse("if '__main__' == __name__ and x: pass").body[0])
    assert not is_guard(ast.parse("if __name__ == 'x': pass").body[0])


def test_a_statement_that_executes_text_may_bind_any_name():
    made = split(SCRIPT)
    assert [name for name, unit in made.items() if unit.dynamic] == ["v = exec('w = 1')"]


def test_all_of_a_training_loop_trains():
    made = split(
        """
        def step(): loss.backward()
        if x:
            for epoch in y:
                print(epoch)
                if z:
                    step()
            print("done")
        """
    )
    assert {name for name, unit in made.items() if unit.trains} == {
        "for epoch in y:",
        "print(epoch)",
        "if z:",
        "step()",
    }


def test_what_a_decorator_and_an_alias_change():
    made = split(
        """
        def register(made): TABLE.append(made)
        for layer in net.layers:
            layer.bias = None
        @register
        def f(): pass
        @app.command("x")
        def g(): pass
        """
    )
    assert made["layer.bias = None"].effects.certain == {"layer", "net"}
    assert made["@register"].effects.certain == {"TABLE"}
    assert made["@app.command('x')"].effects.certain == {"app"}


def test_a_function_that_declares_a_name_global_binds_it_where_it_is_called():
    made = split("def build():\n    global net\n    net = 1\nbuild()")
    assert made["build()"].binds == {"net"}
    assert not made["build()"].certain


def test_the_blocks_of_statements():
    whole = ast.parse("try: a\nexcept B: c\nexcept D: e\nelse: f\nfinally: g").body[0]
    assert [name for name, _ in blocks(whole)] == ["body", "handlers", "handlers", "orelse", "finalbody"]
    assert list(blocks(ast.parse("def f(): pass").body[0])) == []
