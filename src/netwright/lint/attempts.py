"""Code that may fail on purpose: it is tried, tested for, or depends on a version."""

import ast

from netwright.lint.script import Script

DEVICES = ("npu", "mlu", "musa", "hpu", "sdaa", "gcu", "neuron", "tpu")
"""Hardware whose names packages beside torch add to it when they are imported."""


def on_purpose(script: Script, node: ast.AST) -> bool:
    """Return True under `try` or `raises`, and under or after a condition on a version or an attribute.

    >>> script = Script.parse("if hasattr(torch, 'new'):\\n    torch.new()\\ntorch.old()")
    >>> condition, old = script.tree.body
    >>> on_purpose(script, condition.body[0]), on_purpose(script, old)
    (True, False)
    """
    below = node
    for above in script.above(node):
        if isinstance(above, ast.Try):
            return True
        if isinstance(above, ast.With) and any(map(_expects_failure, above.items)):
            return True
        if isinstance(above, ast.If | ast.IfExp) and _asks(above.test):
            return True
        beside = list(ast.iter_child_nodes(above))
        before = beside[: beside.index(below)]
        if any(isinstance(statement, ast.Assert) and _asks(statement.test) for statement in before):
            return True
        below = above
    return False


def _expects_failure(item: ast.withitem) -> bool:
    """Return True for `suppress`, `pytest.raises`, `assertRaises` and similar contexts."""
    context = ast.dump(item.context_expr).lower()
    return "suppress" in context or "raises" in context


def _asks(test: ast.expr) -> bool:
    asked = ast.dump(test)
    return any(word in asked for word in ("hasattr", "ersion", "TYPE_CHECKING", *DEVICES))
