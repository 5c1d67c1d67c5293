"""Record a module: one run of a copy of it, on meta, else on fake tensors, else for real."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from inspect import signature
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from netwright.trace import device, source
from netwright.trace.clone import Cloner, paths
from netwright.trace.fallback import lacks_data
from netwright.trace.graph import Failure, Graph, Line, Mode, Module, Op, Parameter, TensorInfo
from netwright.trace.inputs import make_inputs, tensors
from netwright.trace.observe import unchanged_randomness, watching
from netwright.trace.recorder import Recorder
from netwright.trace.usercode import UserCode, error_message

_VALUES = "the network looks at values, so numbers were needed: on others it may run another way"


def record(net: nn.Module, input: Any, *, batch: int = 1, training: bool | None = None) -> Graph:
    """Run a copy of `net` once and return what was seen. The module itself stays untouched.

    Args:
        net: any module, also compiled or wrapped in data parallelism.
        input: a shape without batch (3, 32, 32), several shapes, tensors with batch, a dict by name.
        batch: examples made from shapes.
        training: record it in training or evaluation mode; by default in the mode it is in.

    A forward pass that raises gives a graph up to there, with `failure` set.
    """
    graph = _attempt(net, input, batch, training)
    if _sees_one_value(graph) and not tensors(input):
        graph = _attempt(net, input, 2, training)
        note = "recorded with two examples: a batch norm sees one value per channel, so training on one fails"
        return replace(graph, notes=(*graph.notes, note))
    return graph


def _sees_one_value(graph: Graph) -> bool:
    """Whether a batch norm refused a single example: only for its size does it raise a `ValueError`."""
    failure = graph.failure
    return failure is not None and (failure.name, failure.error, graph.batch) == (
        "batch_norm",
        "ValueError",
        1,
    )


def _attempt(net: nn.Module, input: Any, batch: int, training: bool | None) -> Graph:
    graph, lacking, _ = run(net, input, batch, training, "meta")
    modes: tuple[Mode, ...] = ("fake", "real")
    for mode in modes:
        if not lacking:
            return graph
        graph, lacking, _ = run(net, input, batch, training, mode)
    return graph if graph.failure else replace(graph, notes=(*graph.notes, _VALUES))


def run(
    net: nn.Module,
    input: Any,
    batch: int,
    training: bool | None,
    mode: Mode,
    see: Callable[[Tensor], Any] | None = None,
) -> tuple[Graph, bool, dict[int, Any]]:
    """One run in one mode: the graph, whether it failed for lack of data, and what was seen of each tensor.

    Random numbers are drawn from the same seed at every run that is seen.
    """
    convert, around = _conversion(mode)
    with unchanged_randomness(seed=0 if see else None), around:
        cloner = Cloner(convert)
        clone = cloner.module(net)
        if training is not None:
            _switch(clone, training)
        given = make_inputs(clone, input, batch, partial(_placed, convert, cloner.devices, _home(net)))
        found = paths(clone)
        recorder = Recorder(_names(found), cloner.devices, "meta" if mode == "meta" else "cpu", see)
        inputs = tuple(recorder.info(tensor) for tensor in given.tensors)
        outputs: tuple[TensorInfo, ...] = ()
        with UserCode() as caught, watching(recorder, found.values(), meta=mode == "meta"):
            outputs = tuple(recorder.info(t) for t in tensors(clone(*given.args, **given.kwargs)))
        recorder.finish()
        graph = Graph(
            ops=_saved(recorder, found),
            modules=MappingProxyType(_modules(recorder, found, cloner)),
            parameters=MappingProxyType(_parameters(found)),
            inputs=inputs,
            outputs=outputs,
            mode=mode,
            batch=given.batch,
            training=clone.training,
            storages=MappingProxyType(recorder.storages),
            buffers=sum({id(b): b.nbytes for b in clone.buffers()}.values()),
            notes=(*_notes(cloner, recorder), *device.notes(recorder)),
            failure=_failure(recorder, caught, outputs),
        )
        lacking = lacks_data(caught.error, recorder)
        recorder.release()
        caught.forget()
    return graph, lacking, recorder.seen


def _switch(net: nn.Module, training: bool) -> None:
    """Set the mode by `net.train`; flag by flag where a module's `train` trains it and takes no mode."""
    if all("mode" in signature(kind.train).parameters for kind in {type(module) for module in net.modules()}):
        net.train(training)
        return
    for module in net.modules():
        module.training = training


def _conversion(mode: Mode) -> tuple[Callable[[Tensor], Tensor], AbstractContextManager[Any]]:
    """How tensors are copied in a mode, and the context it runs in."""
    if mode == "meta":
        return lambda tensor: tensor.to("meta"), nullcontext()
    if mode == "real":
        return _real, nullcontext()
    from torch._subclasses.fake_tensor import FakeTensorMode

    def fake(tensor: Tensor) -> Tensor:
        return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="cpu")

    return fake, FakeTensorMode(allow_non_fake_inputs=True)


def _home(net: nn.Module) -> str:
    """The kind of device the network lies on, where an input would be given to it."""
    return next((p.device.type for p in net.parameters()), "cpu")


def _placed(convert: Callable[[Tensor], Tensor], devices: dict[int, str], home: str, given: Tensor) -> Tensor:
    """The copy of a given tensor, and a note of where it would lie."""
    copied = convert(given)
    devices[id(copied)] = home if given.is_meta else given.device.type
    return copied


def _real(tensor: Tensor) -> Tensor:
    """A copy on the CPU; what has no data yet gets small random numbers, or zeros where they are whole."""
    if not tensor.is_meta:
        return tensor.cpu().clone()
    if tensor.is_floating_point() or tensor.is_complex():
        return torch.randn(tensor.shape, dtype=tensor.dtype)
    return torch.zeros(tensor.shape, dtype=tensor.dtype)


def _names(found: dict[int, tuple[nn.Module, list[str]]]) -> dict[int, str]:
    """The name of every parameter and buffer by the tensor's id; the first name of a shared one."""
    names: dict[int, str] = {}
    for module, where in found.values():
        for name, tensor in (*module._parameters.items(), *module._buffers.items()):
            if tensor is not None:
                names.setdefault(id(tensor), f"{where[0]}.{name}".lstrip("."))
    return names


def _parameters(found: dict[int, tuple[nn.Module, list[str]]]) -> dict[str, Parameter]:
    seen: dict[int, Parameter] = {}
    for module, where in found.values():
        for name, tensor in module._parameters.items():
            if tensor is None or nn.parameter.is_lazy(tensor):
                continue
            full = [f"{path}.{name}".lstrip(".") for path in where]
            known = seen.get(id(tensor))
            if known:
                seen[id(tensor)] = replace(known, aliases=(*known.aliases, *full))
                continue
            seen[id(tensor)] = Parameter(
                full[0],
                tuple(tensor.shape),
                tensor.element_size(),
                tensor.requires_grad,
                tuple(full[1:]),
                hidden="[" in where[0],
            )
    return {parameter.name: parameter for parameter in seen.values()}


def _saved(recorder: Recorder, found: dict[int, tuple[nn.Module, list[str]]]) -> tuple[Op, ...]:
    """Ops with the bytes they are the first to keep; parameters and buffers are there anyway."""
    own = [
        t for module, _ in found.values() for t in (*module._parameters.values(), *module._buffers.values())
    ]
    seen = {
        recorder.storage(tensor) for tensor in own if tensor is not None and not nn.parameter.is_lazy(tensor)
    }
    ops = []
    for op in recorder.ops:
        new = set(op.saved_storages) - seen
        seen |= new
        ops.append(replace(op, saved=sum(recorder.storages[key] for key in new)) if new else op)
    return tuple(ops)


def _modules(
    recorder: Recorder, found: dict[int, tuple[nn.Module, list[str]]], cloner: Cloner
) -> dict[str, Module]:
    names = _names(found)
    kinds = {path: type(module) for module, where in found.values() for path in where}
    modules = {}
    for module, where in found.values():
        path = where[0]
        modules[path] = Module(
            path,
            type(module).__name__,
            recorder.calls.get(path, 0),
            tuple(where[1:]),
            tuple(dict.fromkeys(names[id(p)] for p in module._parameters.values() if p is not None)),
            recorder.called.get(path),
            module.training,
            recorder.given.get(path, ()),
            recorder.made.get(path, ()),
            owner=_owner(path, kinds, cloner.origins.get(id(module))),
        )
    return modules


def _owner(path: str, kinds: dict[str, type], origin: nn.Module | None) -> Callable[[], Line | None] | None:
    """How to find the line that built a module: noted while building, else read from its owner's source."""
    noted = source.noted(origin) if origin is not None else None
    if noted is not None:
        return lambda: noted
    if not path:
        return None
    parts, chain, parent = path.split("."), [], ""
    for part in parts:
        chain.append((kinds[parent], part.split("[")[0]))
        parent = f"{parent}.{part}".lstrip(".")
    return partial(source.built, tuple(chain))


def _notes(cloner: Cloner, recorder: Recorder) -> tuple[str, ...]:
    notes = []
    if cloner.skipped:
        notes.append(
            f"{cloner.skipped} hook functions of the module were not run: they may write into your data"
        )
    cut = [op for op in recorder.ops if op.macs and not op.backward_macs and _trainable(op)]
    if cut:
        notes.append(
            f"{len(cut)} operations with trainable weights ran without gradients (no_grad or a reentrant "
            "checkpoint): their backward pass is not counted"
        )
    return tuple(notes)


def _trainable(op: Op) -> bool:
    return any(info.parameter and info.requires_grad for info in op.inputs)


def _failure(recorder: Recorder, caught: UserCode, outputs: tuple[TensorInfo, ...]) -> Failure | None:
    error = caught.error
    if error is None:
        return None if outputs else Failure("NoOutput", "the module returned no tensor", "", None)
    raised, module = recorder.raised, recorder.stack[-1].path
    if raised is not None and raised.error is error:
        where = raised.where or source.raising(caught.traceback)
        return Failure(
            type(error).__name__,
            error_message(error),
            raised.module,
            where,
            raised.name,
            raised.inputs,
            raised.arguments,
        )
    return Failure(type(error).__name__, error_message(error), module, source.raising(caught.traceback))
