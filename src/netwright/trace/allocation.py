"""Follow every storage from the operation that makes it to the moment at which nothing holds it any more."""

import weakref
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from netwright.trace.inputs import tensors
from netwright.trace.workspace import workspace

_FUSED = "aten::_fused_"


class Allocations(TorchDispatchMode):
    """A mode that counts the bytes of the storages that are alive, with those of `held` from the start.

    `now` are the bytes that are alive, `start` those that were when something was held last, `peak` the most
    since `restart`, and `bound` the most since the start, together with what kernels allocate beside their
    results. `fake` says that the tensors have no data, in which case the fused step of an optimizer, which
    allocates nothing, is not run.
    """

    def __init__(self, held: Iterable[Tensor], *, fake: bool):
        super().__init__()
        self.fake = fake
        self.now = 0
        self._known: set[int] = set()
        self.hold(held)

    def hold(self, held: Iterable[Tensor]) -> None:
        """Count the storages of tensors that exist already, and begin anew from there."""
        for tensor in held:
            self._enter(tensor)
        self.start = self.peak = self.bound = self.now

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Return False: torch would otherwise import its compiler, which takes seconds, for nothing."""
        return False

    def restart(self) -> int:
        """Return the peak since the last restart, and begin a new phase."""
        peak, self.peak = self.peak, self.now
        return peak

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operation and count the storages that it makes."""
        if self.fake and func._schema.name.startswith(_FUSED):
            return None
        before = self.now
        out = func(*args, **(kwargs or {}))
        for tensor in tensors(out):
            self._enter(tensor)
        self.peak = max(self.peak, self.now)
        self.bound = max(self.bound, max(before, self.now) + workspace(func, args, out))
        return out

    def _enter(self, tensor: Tensor) -> None:
        if tensor.layout is not torch.strided:
            return
        storage = tensor.untyped_storage()
        if storage._cdata not in self._known:
            self._known.add(storage._cdata)
            self.now += storage.nbytes()
            weakref.finalize(storage, self._leave, storage._cdata, storage.nbytes())

    def _leave(self, identity: int, size: int) -> None:
        self._known.discard(identity)
        self.now -= size
