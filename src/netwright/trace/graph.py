"""The graph that one recorded run of a module yields: frozen data without any tensor in it.

Tensors. A `TensorInfo` stands for one value. A view has a new `key` on the same `storage`. An in-place
operation makes a new `TensorInfo` with a new `key` on the same `storage`, and also one for every other tensor
that may hold what was written (`Op.touched`). `producer` is the index of the op that made the value, or
`None` for inputs, parameters, buffers and constants that existed before.

Ops. `Op.name` is the function as the user wrote it, without module, underscores or dots:

- functions and methods by their name: `conv2d`, `linear`, `relu`, `cat`, `view`, `interpolate`,
  `max_pool2d`, `batch_norm`, `scaled_dot_product_attention`, `einsum`, `lstm`, `embedding`, `pad`, `chunk`,
  `dropout` …
- operators by their function: `+` is `add`, `-` `sub`, `*` `mul`, `/` `div`, `@` `matmul`, `**` `pow`,
  `x[…]` `getitem`, `x[…] = y` `setitem`; reflected ones (`1 - x`) have their operands in the order written;
- in-place forms (`add_`, `+=`, `relu_`, `relu(inplace=True)`) by the plain name, with `inplace` set;
- attributes that are tensors (`x.T`, `x.mT`, `x.real`, `x.data`) by the name of the attribute.

`Op.arguments` are bound by the parameter names of the torch function (from the C++ schema or the Python
signature). They include defaults; tensors are replaced by their `TensorInfo`, lists by tuples. Methods call
their tensor `self`, as the schema does; `Op.inputs[0]` reads it by position. These are always normalised:

- `conv1d … conv3d`: `input weight bias stride padding dilation groups`; `stride` and `dilation` are one
  number per axis, `padding` is one pair (before, after) per axis, for `"same"` and `"valid"` too;
- `conv_transpose1d … 3d`: the same and `output_padding`, one number per axis;
- `max_pool1d … 3d`, `avg_pool…`, `lp_pool…`: `kernel_size stride` per axis, `padding` as pairs, `dilation`
  per axis (1 where torch has no such argument), `ceil_mode`;
- `adaptive_avg_pool…`, `adaptive_max_pool…`: `output_size` per axis, never None;
- `unfold` and `fold` of `torch.nn.functional`: `kernel_size stride dilation` per axis, `padding` as pairs
  (`Tensor.unfold` is `unfold` with `dimension size step`);
- `interpolate` (also `upsample`): `size` is the output size per axis, `scale_factor` is per axis or None; and
  `mode`, `align_corners`;
- `dim`, `dims`, `dim0`, `dim1`, `start_dim`, `end_dim`, `dimension`, `source`, `destination` are never
  negative;
- `shape` or `size` of `view`, `reshape`, `expand`, `repeat` … is one tuple, in which -1 stays;
- `index` of `getitem` and `setitem` is always a tuple, of int, slice, None, Ellipsis, bool and TensorInfo.

A composite Python function of torch that calls further functions (`multi_head_attention_forward`) is recorded
as the ops inside it, and their `Op.caller` names the function. Every other function is one op, and its cost
is the sum of what ran inside it (`lstm`, `einsum`, `cross_entropy`).

Numbers (`macs`, `backward_macs`, `saved`) are those of the recorded batch; `Graph.batch` is its size.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

Mode = Literal["meta", "fake", "real"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a source file; lines and columns count from 1."""

    file: str
    line: int
    column: int | None = None

    def __str__(self) -> str:
        """Return `net.py:14:9`, relative to the working directory, which editors and CI understand."""
        file = self.file.removeprefix(str(Path.cwd()) + "/")
        return ":".join(str(part) for part in (file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One value: its shape with the batch, the name of its dtype (`float32`), and where it came from.

    `parameter` is the full name if the value is a parameter or buffer; `storage` is a key of
    `Graph.storages`; `device` is where the value would lie, which need not be where it was in the run.
    """

    key: int
    shape: tuple[int, ...]
    dtype: str
    itemsize: int
    storage: int
    producer: int | None = None
    parameter: str | None = None
    requires_grad: bool = False
    device: str = "meta"

    @property
    def elements(self) -> int:
        """Return the number of its elements."""
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        """Return the bytes of its elements; its storage may be larger or shared."""
        return prod(self.shape) * self.itemsize


@dataclass(frozen=True, slots=True)
class Op:
    """One operation; the docstring of `netwright.trace.graph` says how names and arguments are given.

    Args:
        index: its place in `Graph.ops`.
        module: the path of the innermost module in which it ran, `""` for the outermost.
        call: which call of that module it was, from 0.
        where: the innermost line outside torch that led to it.
        caller: the composite torch function in which it ran.
        inputs: every tensor among the arguments, in order.
        macs: forward multiply-accumulates of the recorded batch.
        backward_macs: those of the backward pass, for tensors that require a gradient.
        saved: bytes that it is the first to save for the backward pass.
        saved_storages: keys of all storages that its backward pass needs, those of parameters too.
        uncounted: operations inside it that may have MACs but no rule counts them.
        touched: every other tensor on memory that it wrote, as it was before and as it is after.
    """

    index: int
    name: str
    module: str
    call: int
    where: Line | None
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    arguments: Mapping[str, Any]
    inplace: bool = False
    caller: str | None = None
    macs: int = 0
    backward_macs: int = 0
    saved: int = 0
    saved_storages: tuple[int, ...] = ()
    uncounted: tuple[str, ...] = ()
    touched: tuple[tuple[TensorInfo, TensorInfo], ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, which may have several names; `aliases` are the names after the first.

    A `hidden` one belongs to a module in a plain list or dict, which `net.parameters()` does not see.
    """

    name: str
    shape: tuple[int, ...]
    itemsize: int
    trainable: bool
    aliases: tuple[str, ...] = ()
    hidden: bool = False

    @property
    def elements(self) -> int:
        """Return the number of its elements."""
        return prod(self.shape)


@dataclass(frozen=True)
class Module:
    """One module object under its first path; `aliases` are its further paths.

    `built` is the line that made it and `called` the line that called it first. `parameters` are the keys in
    `Graph.parameters` of those that it holds itself, without its children. `inputs` and `outputs` are the
    tensors of its first call, from any nesting.
    """

    path: str
    class_name: str
    calls: int = 0
    aliases: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    called: Line | None = None
    training: bool = False
    inputs: tuple[TensorInfo, ...] = ()
    outputs: tuple[TensorInfo, ...] = ()
    find_line: Callable[[], Line | None] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def built(self) -> Line | None:
        """Return the line that built it; it is looked up when it is asked for first."""
        return None if self.find_line is None else self.find_line()


@dataclass(frozen=True)
class Failure:
    """The exception that ended the forward pass: its class, its message, and where it was raised.

    `module` is the path of the innermost module that ran. `name`, `inputs` and `arguments` are those of the
    torch function that raised; they are empty if the user's own Python code did.
    """

    error: str
    message: str
    module: str
    where: Line | None
    name: str = ""
    inputs: tuple[TensorInfo, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Graph:
    """One recorded run of a module.

    Args:
        ops: the operations in the order in which they ran.
        modules: the modules by path, in the order of `named_modules`.
        parameters: the parameters by their first name.
        inputs: the tensors given to the module, in order, those inside containers too.
        outputs: the tensors that the module returned, in order, from any nesting.
        mode: `meta` (without data), `fake` (with torch's fake tensors) or `real` (an actual run on the CPU).
        batch: the number of examples in the recorded run.
        training: whether the module was in training mode.
        storages: the bytes of every storage, by its key.
        buffers: the bytes of all buffers.
        notes: what a reader must know about how the module was recorded.
        failure: why the run ended early, if it did; `ops` are then those up to it.
    """

    ops: tuple[Op, ...]
    modules: Mapping[str, Module]
    parameters: Mapping[str, Parameter]
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    mode: Mode
    batch: int
    training: bool
    storages: Mapping[int, int]
    buffers: int = 0
    notes: tuple[str, ...] = ()
    failure: Failure | None = None
