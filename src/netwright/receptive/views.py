"""Follow writes into views: they change what the viewed tensor reads, and what its other views read."""

from collections.abc import Callable, Sequence
from typing import Any

from netwright.receptive.readers import layout
from netwright.receptive.readers.layout import overwritten, whole_index
from netwright.receptive.readers.table import Reaches, readers
from netwright.receptive.sets.reach import Reach, flood, nothing, union
from netwright.trace.graph import Op, TensorInfo

_SAME_TENSOR = {"detach", "data", "contiguous", "to", "float", "double", "type_as"}
_PERMUTATIONS = (layout.permute, layout.transpose, layout.transpose_last, layout.movedim)

TakenView = tuple[Op, int]
"""An operation that took a view, and which of its outputs the view is."""


class Views:
    """Remembers of which tensor each view was taken, while a graph is walked."""

    def __init__(self) -> None:
        self.taken: dict[int, TakenView] = {}
        self.latest: dict[int, int] = {}

    def enter(self, op: Op, reaches: Reaches) -> None:
        """Remember the views that an operation takes, and pass what it wrote to the tensors that share it."""
        if op.inplace and op.inputs and op.outputs:
            self._renew(op.inputs[0], op.outputs[0])
            if op.touched:
                self._spread(op, reaches)
        elif op.inputs and op.outputs and op.outputs[0].storage == op.inputs[0].storage:
            self.taken.update({tensor.key: (op, place) for place, tensor in enumerate(op.outputs)})

    def _renew(self, before: TensorInfo, since: TensorInfo) -> None:
        """Remember that a tensor has a new value under a new key."""
        self.latest[before.key] = since.key
        if before.key in self.taken:
            self.taken[since.key] = self.taken[before.key]

    def _spread(self, op: Op, reaches: Reaches) -> None:
        """Enter what the touched tensors read: exactly if the views between them are known, else a bound."""
        written, steps = op.outputs[0], self._steps(op.inputs[0].key)
        root, reach = self._root(op.inputs[0].key), reaches(written)
        bases = [self._current(step.inputs[0].key) for step, _ in steps]
        shapes = {before.key: before.shape for before, _ in op.touched}
        made: Reach | None = reach
        for (view, place), base in zip(steps, bases, strict=True):
            shape = shapes.get(base, view.inputs[0].shape)
            old = reaches.by_key.get(base) or nothing(reaches.length, shape)
            made = None if made is None else put(view, place, old, made)
        for before, since in op.touched:
            known = made is not None and self._root(before.key) == root
            updated = self._derived(before.key, made, reaches) if known and made is not None else None
            if updated is None or updated.shape != before.shape:
                updated = _either(reaches.by_key.get(before.key), reach, before.shape)
            if updated.terms or updated.unknown:
                reaches.by_key[since.key] = updated
        for before, since in op.touched:
            self._renew(before, since)

    def _derived(self, key: int, root: Reach, reaches: Reaches) -> Reach | None:
        """Return what a view reads, given what its root reads now; None where a view has no reader."""
        reach = root
        for view, place in reversed(self._steps(key)):
            again = Reaches(reaches.length, {view.inputs[0].key: reach}, reaches.strict)
            if view.name not in readers():
                return None
            made = readers()[view.name](view, again)
            reach = made if isinstance(made, Reach) else made[place]
        return reach

    def _steps(self, key: int) -> list[TakenView]:
        """Return the views from a tensor up to its root."""
        steps = []
        while key in self.taken:
            steps.append(self.taken[key])
            key = self.taken[key][0].inputs[0].key
        return steps

    def _root(self, key: int) -> int:
        steps = self._steps(key)
        return self._current(steps[-1][0].inputs[0].key if steps else key)

    def _current(self, key: int) -> int:
        """Return the key of the value that a tensor has now."""
        while key in self.latest:
            key = self.latest[key]
        return key


def _either(before: Reach | None, written: Reach, shape: tuple[int, ...]) -> Reach:
    """Return a bound: what the tensor read before, and everything that the written values read."""
    parts = [flood([written], shape)] + ([before] if before is not None else [])
    return union(parts, shape)


def put(view: Op, place: int, old: Reach, new: Reach) -> Reach | None:
    """Return what a tensor reads after its view became `new`; None where the view cannot be followed."""
    reader = readers().get(view.name)
    if reader is layout.reshape or view.name in _SAME_TENSOR:
        return new.reshape(old.shape) if view.outputs[0].elements == view.inputs[0].elements else None
    if reader in _PERMUTATIONS:
        order = _order(view)
        return new.permute([order.index(dim) for dim in range(len(order))])
    index = _index(view, place)
    return None if index is None else overwritten(old, index, new)


def _order(view: Op) -> Sequence[int]:
    """Return the order of the axes in a view: its reader applied to a map whose sizes number its axes."""
    tensor = view.inputs[0]
    numbered = Reach(1, tuple(range(len(tensor.shape))))
    made = readers()[view.name](view, Reaches(1, {tensor.key: numbered}))
    assert isinstance(made, Reach)
    return made.shape


def _index(view: Op, place: int) -> list[Any] | None:
    """Return the part of each axis that a view selects; None where it is not a slice."""
    a, shape = view.arguments, view.inputs[0].shape
    full: list[Any] = [slice(None)] * len(shape)
    if view.name == "getitem":
        return whole_index(a["index"], len(shape))
    pick = _PICKS.get("split" if readers().get(view.name) is layout.split else view.name)
    if pick is None:
        return None
    dim = a.get("dim", 0) % len(shape)
    full[dim] = pick(view, place, dim)
    return None if full[dim] is None else full


def _piece(view: Op, place: int, dim: int) -> slice:
    start = sum(output.shape[dim] for output in view.outputs[:place])
    return slice(start, start + view.outputs[place].shape[dim])


def _narrowed(view: Op, place: int, dim: int) -> slice | None:
    part = layout.narrowed(view)
    return None if part is None else slice(*part)


_PICKS: dict[str, Callable[[Op, int, int], Any]] = {
    "select": lambda view, place, dim: view.arguments["index"],
    "unbind": lambda view, place, dim: place,
    "narrow": _narrowed,
    "split": _piece,
}
