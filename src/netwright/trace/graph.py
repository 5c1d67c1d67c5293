"""What one recorded run of a module yields: frozen data, without any tensor in it.

Tensors. A `TensorInfo` stands for one value. An in-place operation makes a new `TensorInfo` (new `key`) on
the same `storage`, and one of every other tensor that may hold what was written (`Op.touched`); a view has a
new `key` on the same `storage`. `producer` is the index of the op that made
it, `None` for inputs, parameters, buffers and constants that stood ready.

Ops. `Op.name` is the function as the user wrote it, without module, underscores or dots:

- functions and methods by their name: `conv2d`, `linear`, `relu`, `cat`, `view`, `interpolate`,
  `max_pool2d`, `batch_norm`, `scaled_dot_product_attention`, `einsum`, `lstm`, `embedding`, `pad`, `chunk`,
  `dropout` …
- operators by their function: `+` is `add`, `-` `sub`, `*` `mul`, `/` `div`, `@` `matmul`, `**` `pow`,
  `x[…]` `getitem`, `x[…] = y` `setitem`; reflected ones (`1 - x`) have their operands in written order;
- in-place forms (`add_`, `+=`, `relu_`, `relu(inplace=True)`) have the plain name and `inplace` set;
- attributes that are tensors (`x.T`, `x.mT`, `x.real`, `x.data`) by the attribute's name.

`Op.arguments` are bound by the parameter names of the torch function (the C++ schema or the Python
signature), defaults filled in, tensors replaced by their `TensorInfo`, lists by tuples. Methods call their
tensor `self`, as the schema does; reading it by position is `Op.inputs[0]`. Normalised, always:

- `conv1d … conv3d`: `input weight bias stride padding dilation groups`; `stride` and `dilation` one number
  per axis, `padding` one pair (before, after) per axis, also for `"same"` and `"valid"`;
- `conv_transpose1d … 3d`: the same with `output_padding`, one number per axis;
- `max_pool1d … 3d`, `avg_pool…`, `lp_pool…` : `kernel_size stride` per axis, `padding` pairs, `dilation`
  per axis (1 where torch has none), `ceil_mode`;
- `adaptive_avg_pool…`, `adaptive_max_pool…`: `output_size` per axis, never None;
- `unfold` and `fold` of `torch.nn.functional`: `kernel_size stride dilation` per axis, `padding` pairs
  (`Tensor.unfold` is `unfold` with `dimension size step`);
- `interpolate` (also `upsample`): `size` the output size per axis, `scale_factor` per axis or None, `mode`,
  `align_corners`;
- `dim`, `dims`, `dim0`, `dim1`, `start_dim`, `end_dim`, `dimension`, `source`, `destination`: never
  negative;
- `shape` or `size` of `view`, `reshape`, `expand`, `repeat` …: one tuple (-1 stays; the result has the
  sizes);
- `getitem`, `setitem`: `index` always a tuple, of int, slice, None, Ellipsis, bool, TensorInfo.

Composite Python functions of torch that call further functions (`multi_head_attention_forward`) are recorded
as the ops inside them; `Op.caller` names the function. Everything else is one op whose cost is the sum of
what ran inside it (`lstm`, `einsum`, `cross_entropy`).

Numbers (`macs`, `backward_macs`, `saved`) are those of the recorded batch; `Graph.batch` is its size.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

Mode = Literal["meta", "fake", "real"]


@dataclass(frozen=True, slots=True)
class Line:
    """A place in a source file; line and column count from 1."""

    file: str
    line: int
    column: int | None = None

    def __str__(self) -> str:
        """`net.py:14:9`, the form editors and CI understand, relative to the working directory."""
        file = self.file.removeprefix(str(Path.cwd()) + "/")
        return ":".join(str(part) for part in (file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One value: shape with batch, dtype by its name (`float32`), and where it came from.

    `parameter` is the full name of the parameter or buffer it is; `storage` is a key of `Graph.storages`.
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
        """How many numbers it holds."""
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        """Elements times their size (its storage may be larger or shared)."""
        return prod(self.shape) * self.itemsize


@dataclass(frozen=True, slots=True)
class Op:
    """One operation; the module's text says how it is named and how its arguments are bound.

    Args:
        index: place in `Graph.ops`.
        module: path of the innermost module it ran in, `""` for the outermost.
        call: which call of that module, from 0.
        where: the innermost line outside torch that led to it.
        caller: the composite torch function it ran in.
        inputs: every tensor among the arguments, in order.
        macs: forward multiply-accumulates, of the recorded batch.
        backward_macs: those of the backward pass, for what requires a gradient.
        saved: bytes that it is the first to save for the backward pass.
        saved_storages: keys of all storages its backward needs, parameters and buffers too.
        uncounted: operations inside it that may cost MACs but have no rule.
        touched: of every other tensor on memory that it wrote, what it was before and what it is since.
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
    """One parameter, however many names it has; `aliases` are its further names.

    `hidden` ones belong to modules held in plain lists or dicts, which `net.parameters()` does not see.
    """

    name: str
    shape: tuple[int, ...]
    itemsize: int
    trainable: bool
    aliases: tuple[str, ...] = ()
    hidden: bool = False

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


@dataclass(frozen=True)
class Module:
    """One module object under its first path; `aliases` are its further paths.

    `built` is the line that made it, `called` the line that called it first; `parameters` are the names (keys
    of `Graph.parameters`) it holds itself, without its children; `inputs` and `outputs` are those of the
    first call, from any nesting.
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
    owner: Any = field(default=None, repr=False, compare=False)

    @cached_property
    def built(self) -> Line | None:
        """The line that built it, looked up in the owner's source when first asked for."""
        return None if self.owner is None else self.owner()


@dataclass(frozen=True)
class Failure:
    """The forward pass raised: where, in which function, with which arguments.

    `name`, `inputs` and `arguments` are those of the function that raised, empty when the user's own Python
    did; `module` is the innermost module that ran, `error` the exception's class and `message` its text.
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
    """One run: ops in the order they ran, modules by path, in the order of `named_modules`.

    Args:
        inputs: tensors given to the module, in order, those inside containers too.
        outputs: tensors the module returned, in order, from any nesting.
        mode: `meta` (no data), `fake` (torch's fake tensors) or `real` (an actual run on the CPU).
        batch: examples in the recorded run.
        storages: bytes of every storage seen.
        buffers: bytes of all buffers.
        notes: what the reader must know of how it was recorded.
        failure: why the run ended early; ops are then those up to it.
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
