"""The parts of a graph, assembled from the modules of the clone and what the recorder holds."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from operator import attrgetter

from torch import Tensor, nn

from netwright.trace import source
from netwright.trace.clone import Cloner, Paths
from netwright.trace.graph import Failure, Line, Module, Op, Parameter
from netwright.trace.recorder import Recorder
from netwright.trace.usercode import UserCode, error_message

_VALUES = attrgetter(*Op.__slots__)
_SAVED = Op.__slots__.index("saved")


def names(modules: Paths) -> dict[int, str]:
    """Return the name of every parameter and buffer by the tensor's id; of a shared one, the first name."""
    first: dict[int, str] = {}
    for module, paths in modules.values():
        for name, tensor in (*module._parameters.items(), *module._buffers.items()):
            if tensor is not None:
                first.setdefault(id(tensor), f"{paths[0]}.{name}".lstrip("."))
    return first


def parameters(modules: Paths) -> dict[str, Parameter]:
    """Return the parameters by their first name; lazy ones that have no shape yet are left out."""
    by_id: dict[int, Parameter] = {}
    for module, paths in modules.values():
        for name, tensor in module._parameters.items():
            if tensor is None or nn.parameter.is_lazy(tensor):
                continue
            first, *others = [f"{path}.{name}".lstrip(".") for path in paths]
            known = by_id.get(id(tensor))
            if known:
                by_id[id(tensor)] = replace(known, aliases=(*known.aliases, first, *others))
                continue
            by_id[id(tensor)] = Parameter(
                first,
                tuple(tensor.shape),
                tensor.element_size(),
                tensor.requires_grad,
                tuple(others),
                hidden="[" in paths[0],
            )
    return {parameter.name: parameter for parameter in by_id.values()}


def ops(recorder: Recorder, modules: Paths) -> tuple[Op, ...]:
    """Return the ops with the bytes that each is the first to save; parameters and buffers exist anyway."""
    counted = {recorder.storage(tensor) for tensor in _own_tensors(modules)}
    complete = []
    for op in recorder.ops:
        new = {key for key in op.saved_storages if key not in counted}
        counted |= new
        complete.append(_saving(op, sum([recorder.storages[key] for key in new])) if new else op)
    return tuple(complete)


def _saving(op: Op, saved: int) -> Op:
    """Return the op with the bytes that it saves; `dataclasses.replace` would take twice as long."""
    values = list(_VALUES(op))
    values[_SAVED] = saved
    return Op(*values)


def _own_tensors(modules: Paths) -> list[Tensor]:
    """Return the parameters and buffers that have data or a shape."""
    own = [
        tensor
        for module, _ in modules.values()
        for tensor in (*module._parameters.values(), *module._buffers.values())
    ]
    return [tensor for tensor in own if tensor is not None and not nn.parameter.is_lazy(tensor)]


def modules(recorder: Recorder, modules: Paths, cloner: Cloner) -> dict[str, Module]:
    """Return the modules by their first path, with what the recorder has seen of each."""
    first_names = names(modules)
    classes = {path: type(module) for module, paths in modules.values() for path in paths}
    described = {}
    for module, (path, *aliases) in modules.values():
        own = [first_names[id(p)] for p in module._parameters.values() if p is not None]
        described[path] = Module(
            path,
            type(module).__name__,
            recorder.calls.get(path, 0),
            tuple(aliases),
            tuple(dict.fromkeys(own)) if own else (),
            recorder.called.get(path),
            module.training,
            recorder.given.get(path, ()),
            recorder.made.get(path, ()),
            find_line=_line_finder(path, classes, cloner.origins.get(id(module))),
        )
    return described


def _line_finder(
    path: str, classes: dict[str, type], original: nn.Module | None
) -> Callable[[], Line | None] | None:
    """Return how to find the line that built a module: noted while building, or in its owner's source."""
    noted = source.noted(original) if original is not None else None
    if noted is not None:
        return partial(_noted, noted)
    return partial(_built, path, classes) if path else None


def _noted(line: Line) -> Line:
    return line


def _built(path: str, classes: dict[str, type]) -> Line | None:
    """Return the line in the source of its owner that built the module at a path."""
    chain, parent = [], ""
    for part in path.split("."):
        chain.append((classes[parent], part.split("[")[0]))
        parent = f"{parent}.{part}".lstrip(".")
    return source.built(tuple(chain))


def notes(recorder: Recorder, cloner: Cloner) -> tuple[str, ...]:
    """Return notes on hooks that were not run, and on operations whose gradients were switched off."""
    written = []
    if cloner.skipped:
        written.append(
            f"{cloner.skipped} hook functions of the module were not run: they may write into your data"
        )
    cut = [op for op in recorder.ops if op.macs and not op.backward_macs and _trainable(op)]
    if cut:
        written.append(
            f"{len(cut)} operations with trainable weights ran without gradients (no_grad or a reentrant "
            "checkpoint), so their backward pass is not counted"
        )
    return tuple(written)


def _trainable(op: Op) -> bool:
    return any(info.parameter and info.requires_grad for info in op.inputs)


def failure(recorder: Recorder, caught: UserCode) -> Failure:
    """Return what ended the run: what a torch function or other code raised, or that no tensor came out."""
    error = caught.error
    if error is None:
        return Failure("NoOutput", "the module returned no tensor", "", None)
    kind, message, raised = type(error).__name__, error_message(error), recorder.raised
    if raised is None or raised.error is not error:
        return Failure(kind, message, recorder.stack[-1].path, source.raising(caught.traceback))
    where = raised.where or source.raising(caught.traceback)
    return Failure(kind, message, raised.module, where, raised.name, raised.inputs, raised.arguments)
