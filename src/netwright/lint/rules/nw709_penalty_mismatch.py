"""A penalty that is added to the loss is weight decay under another name.

What. The squares of all parameters are summed and added to the loss.

Why. The gradient of λ·Σp² is 2λ·p, which is what `weight_decay=2λ` adds in `SGD`. The penalty costs a pass
over all parameters and a graph, and a λ that is copied from the weight decay of a paper is twice too strong.
Over `model.parameters()` it also shrinks the scales of norms and all biases, which recipes leave out (Goyal
et al. 2017, section 5.1; He et al. 2019, "Bag of Tricks": no bias decay). With Adam it is not even weight
decay, because the penalty is divided by the second moment (Loshchilov & Hutter 2019).

Guard. Only sums of squares over all of `parameters()` are reported; a sum over selected weights is a
deliberate choice.

Instead.

    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, weight_decay=2 * lam)
"""

import ast
from collections.abc import Iterator

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.lint.script import Script


def look(script: Script) -> Iterator[Remark]:
    """Report every sum of squares over `parameters()`."""
    for generator in script.nodes(ast.GeneratorExp, ast.ListComp):
        call = script.parents.get(generator)
        head = generator.generators[0]
        if not isinstance(call, ast.Call) or not _summing(call) or not _parameters(head.iter) or head.ifs:
            continue
        if isinstance(head.target, ast.Name) and _square(generator.elt, head.target.id):
            yield _remark(script, call)
    for loop in script.nodes(ast.For):
        if not _parameters(loop.iter) or not isinstance(loop.target, ast.Name) or len(loop.body) != 1:
            continue
        body = loop.body[0]
        if (
            isinstance(body, ast.AugAssign)
            and isinstance(body.op, ast.Add)
            and _square(body.value, loop.target.id)
        ):
            yield _remark(script, body)


def _remark(script: Script, node: ast.expr | ast.stmt) -> Remark:
    return Remark(
        script.at(node),
        "λ times this sum equals `weight_decay=2λ` in SGD, and reaches norms and biases too.",
        fix=Fix(
            "use weight_decay in the optimizer, with norms and biases in a group of their own without it"
        ),
    )


def _summing(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "sum"


def _parameters(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="parameters"), args=[], keywords=[]):
            return True
    return False


def _square(node: ast.expr, name: str) -> bool:
    """Return True for `p.pow(2).sum()`, `torch.sum(p * p)`, `p.norm() ** 2` and similar forms."""
    text = ast.unparse(node).replace("torch.", "").replace(" ", "").replace(".data", "").replace("2.0", "2")
    squares = {
        f"{name}.pow(2)",
        f"({name}**2)",
        f"{name}**2",
        f"{name}.square()",
        f"({name}*{name})",
        f"{name}*{name}",
    }
    squares |= {f"pow({name},2)", f"square({name})"}
    sums = {f"{square}.sum()" for square in squares} | {f"sum({square})" for square in squares}
    return text in sums | {
        f"{name}.norm()**2",
        f"{name}.norm(2)**2",
        f"norm({name})**2",
        f"{name}.norm(2).pow(2)",
    }


RULE = Rule("info", "manual", script=look)
