"""Record one run of a module's clone: without data if possible, else on fake tensors, else on real ones."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from inspect import signature
from types import MappingProxyType
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from netwright.trace import assembly, device
from netwright.trace.clone import Cloner, paths
from netwright.trace.collection import collecting_later
from netwright.trace.fallback import lacks_data
from netwright.trace.graph import Graph, Mode, TensorInfo
from netwright.trace.inputs import make_inputs, tensors
from netwright.trace.observe import unchanged_randomness, watching
from netwright.trace.recorder import Recorder
from netwright.trace.usercode import UserCode

Seen = TypeVar("Seen")

_READS_VALUES = "the network looks at values, so random numbers were used; others may take another way"
_TWO_EXAMPLES = (
    "recorded with two examples, because a batch norm gets one value per channel from a single one, and "
    "training on that fails"
)


def record(net: nn.Module, input: Any, *, batch: int = 1, training: bool | None = None) -> Graph:
    """Run a clone of `net` once and return its graph. The module itself stays untouched.

    If the forward pass raises an exception, the graph ends there and has its `failure` set.

    Args:
        net: any module, also a compiled one or one that is wrapped in data parallelism.
        input: a shape without the batch such as (3, 32, 32), tensors with their batch, several of either, or
            a dict of them by parameter name; see `netwright.trace.inputs.make_inputs`.
        batch: the number of examples in tensors that are made from shapes.
        training: whether to record in training or in evaluation mode; by default, in the mode it is in.
    """
    graph = _attempt(net, input, batch, training)
    if graph.batch == 1 and _needs_two_examples(graph) and not tensors(input):
        graph = _attempt(net, input, 2, training)
        return replace(graph, notes=(*graph.notes, _TWO_EXAMPLES))
    return graph


def measure(
    net: nn.Module,
    input: Any,
    see: Callable[[Tensor], Seen],
    *,
    batch: int = 1,
    training: bool | None = None,
) -> tuple[Graph, Mapping[int, Seen]]:
    """Run a clone of `net` on the CPU with numbers; return its graph, and what `see` returns by tensor key.

    Shapes become tensors of normal random numbers (zeros if they are whole numbers), the same at every call.
    `see` is called with each tensor as soon as it is made, before an in-place operation can overwrite it. If
    the forward pass raises an exception, the graph and the results end there. The module, its buffers and all
    random states stay untouched.

    Args:
        net: any module.
        input: as for `record`.
        see: called with each new tensor, without gradients; matrix products in it are counted as the net's.
        batch: the number of examples in tensors that are made from shapes.
        training: whether to run in training or in evaluation mode; by default, in the mode it is in.

    >>> graph, means = measure(nn.ReLU(), (1000,), lambda tensor: round(tensor.mean().item(), 1))
    >>> means[graph.outputs[0].key]
    0.4
    """

    def watch(tensor: Tensor) -> Seen:
        with torch.no_grad():
            return see(tensor)

    graph, _, seen = _run(net, input, batch, training, "real", watch)
    return graph, MappingProxyType(seen)


def _needs_two_examples(graph: Graph) -> bool:
    """Return whether a batch norm refused a single example, for which alone it raises a `ValueError`."""
    failure = graph.failure
    return failure is not None and (failure.name, failure.error) == ("batch_norm", "ValueError")


def _attempt(net: nn.Module, input: Any, batch: int, training: bool | None) -> Graph:
    graph, lacking, _ = _run(net, input, batch, training, "meta")
    modes: tuple[Mode, ...] = ("fake", "real")
    for mode in modes:
        if not lacking:
            return graph
        graph, lacking, _ = _run(net, input, batch, training, mode)
    return graph if graph.failure else replace(graph, notes=(*graph.notes, _READS_VALUES))


def _run(
    net: nn.Module,
    input: Any,
    batch: int,
    training: bool | None,
    mode: Mode,
    see: Callable[[Tensor], Any] | None = None,
) -> tuple[Graph, bool, dict[int, Any]]:
    """Return the graph of one run, whether it failed for lack of data, and what was seen of each tensor.

    If `see` is given, random numbers are drawn from the same seed at every run.
    """
    convert, context = _conversion(mode)
    with unchanged_randomness(seed=0 if see else None), context:
        cloner = Cloner(convert)
        clone = cloner.module(net)
        if training is not None:
            set_mode(clone, training)
        given = make_inputs(clone, input, batch, partial(_placed, convert, cloner.devices, _home(net)))
        modules = paths(clone)
        recorder = Recorder(assembly.names(modules), cloner.devices, "meta" if mode == "meta" else "cpu", see)
        inputs = tuple(recorder.info(tensor) for tensor in given.tensors)
        outputs: tuple[TensorInfo, ...] = ()
        with UserCode() as caught, watching(recorder, modules.values(), meta=mode == "meta"):
            outputs = tuple(recorder.info(t) for t in tensors(clone(*given.args, **given.kwargs)))
        recorder.finish()
        graph = Graph(
            ops=assembly.ops(recorder, modules),
            modules=MappingProxyType(assembly.modules(recorder, modules, cloner)),
            parameters=MappingProxyType(assembly.parameters(modules)),
            inputs=inputs,
            outputs=outputs,
            mode=mode,
            batch=given.batch,
            training=clone.training,
            storages=MappingProxyType(recorder.storages),
            buffers=sum({id(b): b.nbytes for b in clone.buffers()}.values()),
            notes=(*assembly.notes(recorder, cloner), *device.notes(recorder)),
            failure=None if caught.error is None and outputs else assembly.failure(recorder, caught),
        )
        lacking = lacks_data(caught.error, recorder)
        recorder.release()
        caught.forget()
    return graph, lacking, recorder.seen


def set_mode(net: nn.Module, training: bool) -> None:
    """Call `net.train`, or set flag by flag if a module has a `train` of its own that takes no mode."""
    if all("mode" in signature(kind.train).parameters for kind in {type(module) for module in net.modules()}):
        net.train(training)
        return
    for module in net.modules():
        module.training = training


def _conversion(mode: Mode) -> tuple[Callable[[Tensor], Tensor], AbstractContextManager[Any]]:
    """Return how tensors are copied in a mode, and the context in which the clone runs."""
    if mode == "meta":
        return lambda tensor: tensor.to("meta"), collecting_later()
    if mode == "real":
        return _real, nullcontext()
    from torch._subclasses.fake_tensor import FakeTensorMode

    def fake(tensor: Tensor) -> Tensor:
        return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="cpu")

    return fake, _unlogged(FakeTensorMode(allow_non_fake_inputs=True))


@contextmanager
def _unlogged(mode: AbstractContextManager[Any]) -> Iterator[None]:
    """Enter the mode of fake tensors without its log, which would repeat on standard error what is raised."""
    log = logging.getLogger("torch._subclasses.fake_tensor")
    disabled, log.disabled = log.disabled, True
    try:
        with mode, collecting_later():
            yield
    finally:
        log.disabled = disabled


def _home(net: nn.Module) -> str:
    """Return the type of device on which the network lies, and on which its input would be given."""
    return next((p.device.type for p in net.parameters()), "cpu")


def _placed(convert: Callable[[Tensor], Tensor], devices: dict[int, str], home: str, given: Tensor) -> Tensor:
    """Return the copy of an input, and note in `devices` where the input would lie."""
    copied = convert(given)
    devices[id(copied)] = home if given.is_meta else given.device.type
    return copied


def _real(tensor: Tensor) -> Tensor:
    """Return a copy on the CPU; a tensor without data becomes random numbers, or zeros of a whole dtype."""
    if not tensor.is_meta:
        return tensor.cpu().clone()
    if tensor.is_floating_point() or tensor.is_complex():
        return torch.randn(tensor.shape, dtype=tensor.dtype)
    return torch.zeros(tensor.shape, dtype=tensor.dtype)
