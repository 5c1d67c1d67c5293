"""What the observers write into while a module runs."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch._ops import OpOverload

from netwright.trace.graph import Line, Op, TensorInfo
from netwright.trace.inputs import tensors
from netwright.trace.source import calling


class Raised(NamedTuple):
    """A function that raised: the exception, and what the function was given.

    `mixed` says that its tensors lay on several devices of the run, some with data and some without.
    """

    error: BaseException | None
    name: str
    module: str
    where: Line | None
    inputs: tuple[TensorInfo, ...]
    arguments: Mapping[str, Any]
    mixed: bool


class Refused(NamedTuple):
    """An operation of torch that raised, as `Raised` is for the function as the user wrote it."""

    error: BaseException | None
    operation: OpOverload
    mixed: bool


class Running:
    """What ran since the last op was entered: what it cost and what autograd keeps of it."""

    __slots__ = ("backward_macs", "macs", "saved", "uncounted")

    def __init__(self) -> None:
        self.macs = self.backward_macs = 0
        self.saved: list[int] = []
        self.uncounted: list[str] = []


class Call:
    """A module that is running: its path, which call it is, and the module object."""

    __slots__ = ("call", "module", "path")

    def __init__(self, module: nn.Module | None, path: str, call: int):
        self.module, self.path, self.call = module, path, call


class Recorder:
    """What the observers write into; every tensor and storage seen is held, so that ids stay unique.

    Args:
        names: of parameters and buffers, by id.
        devices: where tensors would lie, by id, where that is not where they are in the run.
        home: the device of the run.
        see: what to keep of every tensor as it is made, in `seen` by its key; none without.
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
        """A key for the tensor's storage, the same for all its views."""
        if tensor.layout is not torch.strided:
            return self._enter(id(tensor), tensor, tensor._nnz() * tensor.element_size())
        held = tensor.untyped_storage()
        known = self._keys.get(held._cdata)
        return known[0] if known else self._enter(held._cdata, held, held.nbytes())

    def _enter(self, identity: int, held: Any, size: int) -> int:
        if identity not in self._keys:
            self._keys[identity] = (len(self._keys), held)
            self.storages[self._keys[identity][0]] = size
        return self._keys[identity][0]

    def info(
        self, tensor: Tensor, producer: int | None = None, *, fresh: bool = False, device: str | None = None
    ) -> TensorInfo:
        """The value a tensor stands for now; `fresh` where an op has just written it, on `device`."""
        known = self._infos.get(id(tensor))
        if known and not fresh:
            return known[0]
        self._count += 1
        info = TensorInfo(
            self._count,
            tuple(tensor.shape),
            str(tensor.dtype)[6:],
            tensor.element_size(),
            self.storage(tensor),
            producer,
            self.names.get(id(tensor)) if producer is None else None,
            tensor.requires_grad,
            device or self.devices.get(id(tensor), tensor.device.type),
        )
        self._infos[id(tensor)] = (info, tensor)
        if info.parameter is None:
            self._sharing.setdefault(info.storage, {})[id(tensor)] = tensor
        if fresh and self.see:
            self.seen[info.key] = self.see(tensor)
        return info

    def touch(self, written: Tensor, producer: int) -> Iterator[tuple[TensorInfo, TensorInfo]]:
        """Enter new values for the other tensors whose memory overlaps what was written: before and since."""
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
        """A module starts."""
        call = self.calls.get(path, 0)
        self.calls[path] = call + 1
        if not call:
            self.called[path] = calling(sys._getframe(1))
            self.given[path] = tuple(self.info(tensor) for tensor in tensors(inputs))
        self.stack.append(Call(module, path, call))

    def leave(self, module: nn.Module, inputs: Any, output: Any) -> None:
        """A module ends; those inside it that raised, and were caught, end with it."""
        ended = self.stack.pop()
        while ended.module is not module:
            ended = self.stack.pop()
        if not ended.call:
            self.made[ended.path] = tuple(self.info(tensor) for tensor in tensors(output))

    def append(
        self,
        name: str,
        where: Line | None,
        inputs: tuple[TensorInfo, ...],
        outputs: tuple[TensorInfo, ...],
        arguments: dict[str, Any],
        written: Tensor | None = None,
    ) -> None:
        """Enter the function that has just run, and what it has written into, if it did.

        A module's own bookkeeping in its buffers is no op.
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
        """What was kept after the last function belongs to it."""
        if self.ops and self.running.saved:
            last = self.ops[-1]
            self.ops[-1] = replace(last, saved_storages=(*last.saved_storages, *self.running.saved))
            self.running = Running()

    def pack(self, tensor: Tensor) -> int:
        """Note what autograd saves, and hold it: a node that held its own output would never be freed."""
        self.running.saved.append(self.storage(tensor))
        self._packed.append(tensor)
        return len(self._packed) - 1

    def unpack(self, place: int) -> Tensor:
        """What was saved, for a network that takes gradients in its forward pass."""
        return self._packed[place]

    def release(self) -> None:
        """Let go of every tensor: autograd's nodes hold `pack`, where no collector sees the cycle."""
        self.raised = self.refused = None
        self.stack.clear()
        self._infos.clear()
        self._keys.clear()
        self._sharing.clear()
        self._packed.clear()


def _span(tensor: Tensor) -> tuple[int, int]:
    """The first and the last element of its storage that a tensor holds, of those it may step over."""
    if tensor.layout is not torch.strided or not tensor.numel():
        return 0, -1
    first = int(tensor.storage_offset())
    steps = zip(tensor.shape, tensor.stride(), strict=True)
    return first, first + int(sum((size - 1) * stride for size, stride in steps))
