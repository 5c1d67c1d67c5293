"""The workers of a loader share one seed.

What. A `worker_init_fn` sets a seed that does not depend on the worker; a data set sets a constant seed for
each item; or a data set draws its items from a generator that its constructor made.

Why. A `DataLoader` gives each worker a seed of its own, the base seed plus the number of the worker
(`torch/utils/data/_utils/worker.py`). A seed that ignores the worker replaces it, and of a generator that the
data set holds every worker gets a copy. All workers then draw the same numbers, so with four workers, four
batches in a row have the same crops, flips and noise. The workers start anew with each epoch, so the epochs
repeat each other too, and a random augmentation becomes a fixed one.

Guard. A loader without workers is not judged, nor is a seed that is computed from the number of the worker,
from `torch.initial_seed()` or by any other call. A generator is not judged in a file
that asks `get_worker_info` or imports its `worker_init_fn`, nor if it is seeded or set outside of the
constructor too. The rule is an info, because validation data are sometimes drawn the same way on purpose.

Instead.

    def seed_worker(worker_id):
        np.random.seed(torch.initial_seed() % 2**32)  # torch itself is already seeded
"""

import ast
from collections.abc import Iterator

from netwright.lint.calls import calls
from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import argument, flow, hides
from netwright.lint.modules import last_name
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, Function, Script

LOADER = "torch.utils.data.DataLoader"
DATA_SETS = {f"torch.utils.data.{name}" for name in ("Dataset", "IterableDataset")}
LIBRARIES = {"torch.manual_seed", "torch.random.manual_seed", "numpy.random.seed", "random.seed"}
HOUSES = {"seed_everything", "seed_all", "set_seed", "set_seeds", "set_random_seed", "setup_seed", "fix_seed"}
"""What functions that seed all libraries are usually called."""
GENERATORS = {"numpy.random.default_rng", "numpy.random.RandomState", "random.Random", "torch.Generator"}
SEEDED = {"seed", "manual_seed", "setstate", "set_state"}
ADVICE = "derive the seed from torch.initial_seed(), which differs from worker to worker"


def look(script: Script) -> Iterator[Remark]:
    """Report every seed and every generator that the workers of a loader share."""
    loaders = [call for call in script.nodes(ast.Call) if script.called(call) == LOADER]
    for loader in loaders:
        yield from _start(script, loader)
    if loaders and not any(_has_workers(script, loader) for loader in loaders):
        return
    for data_set in _data_sets(script):
        yield from _items(script, data_set)
        yield from _generators(script, data_set)


def _has_workers(script: Script, loader: ast.Call) -> bool:
    """Return True for a loader that may have workers."""
    workers = argument(loader, "num_workers", 5)
    return hides(loader) if workers is None else flow(script).literal(workers) != 0


def _start(script: Script, loader: ast.Call) -> Iterator[Remark]:
    start = argument(loader, "worker_init_fn", 9)
    origins = flow(script).origins(start) if start is not None else None
    if start is None or not origins or len(origins) != 1 or not _has_workers(script, loader):
        return
    function = origins[0]
    if isinstance(function, (*FUNCTIONS, ast.Lambda)):
        for seed in _seeds(script, function):
            yield Remark(
                script.at(start),
                f"every worker starts with `{script.segment(seed)}` (line {seed.lineno}), "
                "so all workers draw the same numbers.",
                evidence={"seed": seed.lineno},
                fix=Fix(ADVICE),
            )


def _seeds(script: Script, function: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls inside a function that set a seed which its arguments do not change."""
    for call in calls(script).nodes(function):
        match call:
            case ast.Call(args=[seed], keywords=[]) if (
                script.called(call) in LIBRARIES or last_name(call.func) in HOUSES
            ) and _fixed(script, seed, function):
                yield call


def _fixed(script: Script, seed: ast.expr, function: ast.AST) -> bool:
    """Return True for an expression whose value is the same at every call of a function."""
    for node in ast.walk(seed):
        if isinstance(node, ast.Call | ast.Starred):
            return False
        if isinstance(node, ast.Name) and node.id in flow(script).bound(function):
            value = flow(script).value(node)
            if value is None or isinstance(value, ast.arg) or not _fixed(script, value, function):  # type: ignore[arg-type]
                return False
    return True


def _data_sets(script: Script) -> list[ast.ClassDef]:
    """Return the classes of the file that derive from a data set of torch."""
    data_sets: dict[str, ast.ClassDef] = {}
    for node in sorted(script.nodes(ast.ClassDef), key=lambda node: node.lineno):
        local = any(isinstance(base, ast.Name) and base.id in data_sets for base in node.bases)
        if local or any(script.dotted(base) in DATA_SETS for base in node.bases):
            data_sets[node.name] = node
    return list(data_sets.values())


def _method(data_set: ast.ClassDef, name: str) -> Function | None:
    return next((node for node in data_set.body if isinstance(node, FUNCTIONS) and node.name == name), None)


def _items(script: Script, data_set: ast.ClassDef) -> Iterator[Remark]:
    getter = _method(data_set, "__getitem__")
    for seed in _seeds(script, getter) if getter else ():
        yield Remark(
            script.at(seed),
            f"`{script.segment(seed)}` runs for every item of `{data_set.name}`, "
            "so every worker draws the same numbers for each of them.",
            fix=Fix("set the seed once, before the loader is made"),
        )


def _generators(script: Script, data_set: ast.ClassDef) -> Iterator[Remark]:
    """Yield the generators that the constructor makes and that the items are drawn from."""
    start, getter = _method(data_set, "__init__"), _method(data_set, "__getitem__")
    if start is None or getter is None or _reseeds(script):
        return
    methods = {node for node in data_set.body if isinstance(node, FUNCTIONS)}
    drawing = [scope for scope in calls(script).reached(getter) if scope in methods]
    for node in calls(script).nodes(start):
        match node:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=made) if (
                _generator(script, made) and not _changes(script, name)
            ):
                draws = [use for scope in drawing for use in _reads(script, scope, name)]
                if draws:
                    yield Remark(
                        script.at(node),
                        f"`self.{name}` is made once, and each worker draws from a copy of it (line "
                        f"{draws[0].lineno}), so all workers draw the same numbers.",
                        evidence={"draws": draws[0].lineno},
                        fix=Fix("draw from torch, whose seed differs from worker to worker"),
                    )


def _reseeds(script: Script) -> bool:
    """Return True for a file that may reach the copies of its data sets in their workers."""
    starts = [word.value for word in script.nodes(ast.keyword) if word.arg == "worker_init_fn"]
    foreign = any(
        not isinstance(origin, (*FUNCTIONS, ast.Lambda))
        for start in starts
        for origin in flow(script).origins(start) or [start]
    )
    return foreign or any(last_name(call.func) == "get_worker_info" for call in script.nodes(ast.Call))


def _generator(script: Script, made: ast.expr) -> bool:
    """Return True for a new generator, also one that is seeded at once by `.manual_seed(…)`."""
    match made:
        case ast.Call(func=ast.Attribute(value=ast.Call() as inner, attr="manual_seed")):
            return script.called(inner) in GENERATORS
    return script.called(made) in GENERATORS


def _changes(script: Script, name: str) -> bool:
    """Return True when an attribute is set more than once in the file, or seeded after it was set."""
    uses = [node for node in script.nodes(ast.Attribute) if node.attr == name]
    around = (script.parents[use] for use in uses)
    seeded = any(isinstance(node, ast.Attribute) and node.attr in SEEDED for node in around)
    return seeded or sum(isinstance(use.ctx, ast.Store) for use in uses) > 1


def _reads(script: Script, scope: ast.AST, name: str) -> list[ast.Attribute]:
    return [
        node
        for node in calls(script).nodes(scope)
        if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Load)
    ]


RULE = Rule("info", "manual", script=look)
