"""Record what the observers see while a module runs."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch._ops import OpOverload

from netwright.trace.graph import Line, Op, TensorInfo
from netwright.trace.inputs import tensors
from netwright.trace.source import calling


class Raised(NamedTuple):
    """A function that raised an exception, with the arguments it was given.

    `mixed` says that some of its tensors had data in the run and others did not.
    """

    error: BaseException | None
    name: str
    module: str
    where: Line | None
    inputs: tuple[TensorInfo, ...]
    arguments: Mapping[str, Any]
    mixed: bool


class Refused(NamedTuple):
    """An operation of torch that raised an exception, inside the function that the user wrote."""

    error: BaseException | None
    operation: OpOverload
    mixed: bool


class Running:
    """What has run since the last op was entered: its cost, and what autograd saves of it."""

    __slots__ = ("backward_macs", "macs", "saved", "uncounted")

    def __init__(self) -> None:
        self.macs = self.backward_macs = 0
        self.saved: list[int] = []
        self.uncounted: list[str] = []


class Call:
    """A module that is running: the object, its path, and which of its calls it is."""

    __slots__ = ("call", "module", "path")

    def __init__(self, module: nn.Module | None, path: str, call: int):
        self.module, self.path, self.call = module, path, call


class Recorder:
    """A record to which the observers write; it holds every tensor and storage, so that ids stay unique.

    Args:
        names: the names of parameters and buffers, by id.
        devices: the devices of tensors that would lie elsewhere than in the run, by id.
        home: the device of the run.
        see: called with every tensor as it is made; what it returns is stored in `seen` by the tensor's key.
    """

    def __init__(
        self,
        names: dict[int, str],
        devices: dict[int, str],
        home: str,
        see: Callable[[Tensor], Any] | None = None,
    ):
        self.names, self.devices, self.home, self.see = names, devices, home, see
        self.seen: dict[int, Any] = {}
        self.elsewhere: dict[str, tuple[str, Line | None]] = {}
        self.ops: list[Op] = []
        self.stack = [Call(None, "", 0)]
        self.calls: dict[str, int] = {}
        self.called: dict[str, Line | None] = {}
        self.given: dict[str, tuple[TensorInfo, ...]] = {}
        self.made: dict[str, tuple[TensorInfo, ...]] = {}
        self.storages: dict[int, int] = {}
        self.running = Running()
        self.callers: list[str] = []
        self.raised: Raised | None = None
        self.refused: Refused | None = None
        self._keys: dict[int, tuple[int, Any]] = {}
        self._infos: dict[int, tuple[TensorInfo, Tensor]] = {}
        self._sharing: dict[int, dict[int, Tensor]] = {}
        self._packed: list[Tensor] = []
        self._count = 0

    def storage(self, tensor: Tensor) -> int:
        """Return the key of the tensor's storage, which all its views share."""
        if tensor.layout is not torch.strided:
            return self._enter(id(tensor), tensor, tensor._nnz() * tensor.element_size())
        storage = tensor.untyped_storage()
        identity = storage._cdata
        known = self._keys.get(identity)
        return known[0] if known else self._enter(identity, storage, storage.nbytes())

    def _enter(self, identity: int, storage: Any, size: int) -> int:
        known = self._keys.get(identity)
        if known is None:
            known = self._keys[identity] = (len(self._keys), storage)
            self.storages[known[0]] = size
        return known[0]

    def info(
        self, tensor: Tensor, producer: int | None = None, *, fresh: bool = False, device: str | None = None
    ) -> TensorInfo:
        """Return the value that a tensor stands for now; `fresh` says that an op has just written it."""
        identity = id(tensor)
        if not fresh:
            known = self._infos.get(identity)
            if known:
                return known[0]
        self._count += 1
        dtype, parameter = tensor.dtype, self.names.get(identity) if producer is None else None
        info = TensorInfo(
            self._count,
            tuple(tensor.shape),
            _written(dtype),
            dtype.itemsize,
            self.storage(tensor),
            producer,
            parameter,
            tensor.requires_grad,
            device or self.devices.get(identity) or tensor.device.type,
        )
        self._infos[identity] = (info, tensor)
        if parameter is None:
            self._sharing.setdefault(info.storage, {})[identity] = tensor
        if fresh and self.see:
            self.seen[info.key] = self.see(tensor)
        return info

    def touch(self, written: Tensor, producer: int) -> Iterator[tuple[TensorInfo, TensorInfo]]:
        """Enter a new value for each other tensor that overlaps what was written; yield old and new."""
        sharing = self._sharing.get(self.storage(written), {})
        if len(sharing) < 2:
            return
        first, last = _span(written)
        for tensor in list(sharing.values()):
            start, end = _span(tensor)
            if tensor is not written and start <= last and first <= end:
                before = self._infos[id(tensor)][0]
                yield before, self.info(tensor, producer, fresh=True, device=before.device)

    def enter(self, path: str, module: nn.Module, inputs: Any) -> None:
        """Enter a module that starts."""
        call = self.calls.get(path, 0)
        self.calls[path] = call + 1
        if not call:
            self.called[path] = calling(sys._getframe(1))
            self.given[path] = tuple([self.info(tensor) for tensor in tensors(inputs)])
        self.stack.append(Call(module, path, call))

    def leave(self, module: nn.Module, inputs: Any, output: Any) -> None:
        """Close a module that ends, and with it those inside it that raised an exception the user caught."""
        ended = self.stack.pop()
        while ended.module is not module:
            ended = self.stack.pop()
        if not ended.call:
            self.made[ended.path] = tuple([self.info(tensor) for tensor in tensors(output)])

    def append(
        self,
        name: str,
        where: Line | None,
        inputs: tuple[TensorInfo, ...],
        outputs: tuple[TensorInfo, ...],
        arguments: dict[str, Any],
        written: Tensor | None = None,
    ) -> None:
        """Enter the function that has just run, and the tensor that it has written into, if any.

        A write into a buffer or parameter, such as a counter of batches, is not an op.
        """
        inplace = written is not None
        if inplace and outputs and not self.running.macs and inputs[0].parameter is not None:
            return
        module, running = self.stack[-1], self.running
        self.ops.append(
            Op(
                len(self.ops),
                name,
                module.path,
                module.call,
                where,
                inputs,
                outputs,
                MappingProxyType(arguments),
                inplace,
                self.callers[-1] if self.callers else None,
                running.macs,
                running.backward_macs,
                0,
                tuple(running.saved),
                tuple(running.uncounted),
                () if written is None else tuple(self.touch(written, len(self.ops))),
            )
        )
        self.running = Running()

    def finish(self) -> None:
        """Attribute what autograd saved after the last function to that function."""
        if self.ops and self.running.saved:
            last = self.ops[-1]
            self.ops[-1] = replace(last, saved_storages=(*last.saved_storages, *self.running.saved))
            self.running = Running()

    def pack(self, tensor: Tensor) -> int:
        """Note and hold what autograd saves; a node that holds its own output itself would never be freed."""
        self.running.saved.append(self.storage(tensor))
        self._packed.append(tensor)
        return len(self._packed) - 1

    def unpack(self, place: int) -> Tensor:
        """Return what was saved, for a network that computes gradients in its forward pass."""
        return self._packed[place]

    def release(self) -> None:
        """Release every tensor: the nodes of autograd hold `pack`, a cycle that the collector cannot see."""
        self.raised = self.refused = None
        self.stack.clear()
        self._infos.clear()
        self._keys.clear()
        self._sharing.clear()
        self._packed.clear()


@cache
def _written(dtype: torch.dtype) -> str:
    """Return the name of a dtype without `torch.`."""
    return str(dtype)[6:]


def _span(tensor: Tensor) -> tuple[int, int]:
    """Return the first and the last element of its storage that a tensor holds."""
    if tensor.layout is not torch.strided or not tensor.numel():
        return 0, -1
    first = int(tensor.storage_offset())
    steps = zip(tensor.shape, tensor.stride(), strict=True)
    return first, first + int(sum((size - 1) * stride for size, stride in steps))
