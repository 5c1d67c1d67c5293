"""Watch a module while it runs: its modules, its functions, what these run, and what autograd saves.

This file and `allocation` are the only ones with hooks or modes.
"""

import random
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from types import FunctionType, MappingProxyType
from typing import Any, NoReturn

import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from netwright.trace import device
from netwright.trace.argument import bind, freeze, normalise
from netwright.trace.cost import count, counted
from netwright.trace.inputs import tensors
from netwright.trace.recorder import Raised, Recorder, Refused
from netwright.trace.shortcut import SHORTCUTS
from netwright.trace.source import calling

_COMPOSITE = {F.multi_head_attention_forward}
_GUARDS = ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic")
_TENSOR_ATTRIBUTES = {"T", "mT", "H", "mH", "real", "imag", "data"}
_SPELLINGS = {
    "truediv": "div", "floordiv": "floor_divide", "mod": "remainder", "multiply": "mul", "subtract": "sub",
    "divide": "div", "concat": "cat", "concatenate": "cat", "true_divide": "div",
}  # fmt: skip
_QUIET = frozenset(
    """
    size dim stride numel element_size storage_offset is_contiguous is_floating_point is_complex
    is_signed data_ptr untyped_storage storage ndimension nelement get_device is_pinned is_shared
    requires_grad_ register_hook retain_grad __set__ __delete__ __len__ __hash__ __repr__
    is_same_size is_tensor is_storage _is_view is_set_to result_type can_cast promote_types finfo iinfo
    get_default_dtype manual_seed set_stance
    """.split()  # noqa: SIM905  # reads better than fifty quoted words
)


class Functions(TorchFunctionMode):
    """A mode that sees the functions as the user wrote them.

    Args:
        recorder: where each function is entered.
        meta: whether the run is on the meta device; new tensors are then made there unless the caller names
            a device, and attention is fused.
    """

    def __init__(self, recorder: Recorder, *, meta: bool):
        super().__init__()
        self.recorder = recorder
        self.meta = meta

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run the function, and record it if it returns tensors or costs something."""
        kwargs = kwargs or {}
        written = func.__name__
        if written == "__get__":
            written = func.__self__.__name__
            if written not in _TENSOR_ATTRIBUTES or nn.parameter.is_lazy(args[0]):
                return func(*args, **kwargs)
        elif written in _QUIET:
            return func(*args, **kwargs)
        if func in _COMPOSITE:
            return self._inside(func, args, kwargs)
        return self._record(func, written, args, kwargs)

    def _inside(self, func: FunctionType, args: Any, kwargs: Any) -> Any:
        self.recorder.callers.append(func.__name__)
        try:
            with self:
                return _unguarded(func)(*args, **kwargs)
        finally:
            self.recorder.callers.pop()

    def _record(self, func: Any, written: str, args: Any, kwargs: Any) -> Any:
        recorder = self.recorder
        name, inplace, reflected = _name(written)
        inputs = tuple([recorder.info(tensor) for tensor in tensors((args, kwargs))])
        bound = freeze(bind(func, name, args, kwargs), recorder.info)
        if reflected:
            inputs, bound = inputs[::-1], {"self": bound["other"], "other": bound["self"]}
        rank = len(inputs[0].shape) if inputs else 0
        where = calling(sys._getframe(1))
        named = device.asked(name, args, kwargs)
        lies = device.of_result(func, name, named, args, recorder, inputs)
        if named is not None or func in device.MAKERS:
            func, args, kwargs = self._at_home(func, name, named, args, kwargs, where)
        done = False
        try:
            device.refuse(name, inputs)
            result = attention(func, args, kwargs) if self.meta else None
            result = func(*args, **kwargs) if result is None else result
            done = True
        finally:
            if not done:
                normalise(name, bound, None, rank)
                mixed = device.mixed(tensors((args, kwargs)))
                path, frozen = recorder.stack[-1].path, MappingProxyType(bound)
                recorder.raised = Raised(sys.exception(), name, path, where, inputs, frozen, mixed)
        made = tensors(args[0]) if name == "setitem" else tensors(result)
        if made or recorder.running.macs or recorder.running.uncounted:
            producer = len(recorder.ops)
            outputs = tuple([recorder.info(tensor, producer, fresh=True, device=lies) for tensor in made])
            normalise(name, bound, outputs[0].shape if outputs else None, rank)
            writes = made and (inplace or bound.get("inplace") is True)
            recorder.append(name, where, inputs, outputs, bound, made[0] if writes else None)
        return result

    def _at_home(
        self, func: Any, name: str, named: str | None, args: Any, kwargs: Any, where: Any
    ) -> tuple[Any, Any, Any]:
        """Return the call on the device of the run, unless it names a device that the run can use."""
        leaves = self.meta and device.leaves_meta(name, named, args)
        if device.is_accelerator(named) or leaves:
            home = "meta" if leaves else self.recorder.home
            device_name = (
                self.recorder.info(args[0]).device if args and isinstance(args[0], torch.Tensor) else named
            )
            if not leaves:
                self.recorder.elsewhere.setdefault(str(named), (name, where))
            return device.brought_home(func, args, kwargs, home, moves=device_name not in {named, "meta"})
        if self.meta and func in device.MAKERS and kwargs.get("device") is None:
            return func, args, {**kwargs, "device": "meta"}
        return func, args, kwargs


@cache
def _name(written: str) -> tuple[str, bool, bool]:
    """Return the name of an op, whether it writes in place, and whether its operands are reversed.

    >>> _name("__rsub__"), _name("relu_"), _name("__iadd__"), _name("conv2d")
    (('sub', False, True), ('relu', True, False), ('add', True, False), ('conv2d', False, False))
    """
    name = written.strip("_")
    inplace = reflected = False
    if written.startswith("__"):
        if name[0] in "ir" and name[1:] in _DUNDERS:
            inplace, reflected, name = name[0] == "i", name[0] == "r", name[1:]
    else:
        inplace = written.endswith("_")
    return _SPELLINGS.get(name, name), inplace or name == "setitem", reflected


_DUNDERS = {"add", "sub", "mul", "truediv", "div", "floordiv", "mod", "pow", "matmul", "and", "or", "xor"}


@cache
def _unguarded(func: FunctionType) -> FunctionType:
    """Return a composite function of torch that does not dispatch to modes, so that its inside is seen."""
    blind = dict.fromkeys(_GUARDS, lambda *tensors: False)
    return FunctionType(
        func.__code__, {**func.__globals__, **blind}, func.__name__, func.__defaults__, func.__closure__
    )


class Operations(TorchDispatchMode):
    """A mode that sees the operations that really run, and counts their costs."""

    def __init__(self, recorder: Recorder):
        super().__init__()
        self.recorder = recorder

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Return False: torch would otherwise import its compiler, which takes seconds, for nothing."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run the operation and count it for the function that is running."""
        kwargs = kwargs or {}
        shortcut = SHORTCUTS.get(func)
        done = False
        try:
            out = shortcut(*args, **kwargs) if shortcut else NotImplemented
            if out is NotImplemented:
                out = func(*args, **kwargs)
            done = True
        finally:
            if not done:
                mixed = device.mixed(tensors((args, kwargs)))
                self.recorder.refused = Refused(sys.exception(), func, mixed)
        known = counted(func)
        if known:
            forward, backward = count(func, args, kwargs, out)
            self.recorder.running.macs += forward
            self.recorder.running.backward_macs += backward
        elif known is None:
            self.recorder.running.uncounted.append(str(func).removesuffix(".default"))
        return out


def attention(func: Any, args: Any, kwargs: Any) -> Any:
    """Run scaled dot-product attention on meta as CPU and GPUs run it: fused, without saving the scores.

    On meta, torch decomposes it into products and would save the matrix of scores. Return None for any other
    function, and where a CPU would not fuse the call either.
    """
    if func is not F.scaled_dot_product_attention:
        return None
    given = bind(func, "scaled_dot_product_attention", args, kwargs)
    query, key, value, mask = given["query"], given["key"], given["value"], given["attn_mask"]
    parts = (query, key, value)
    fused = (
        all(part.ndim == 4 and part.stride(-1) == 1 and part.numel() for part in parts)
        and query.shape[:2] == key.shape[:2] == value.shape[:2]
        and query.shape[-1] == key.shape[-1] == value.shape[-1]
        and key.shape[-2] == value.shape[-2]
        and not given["dropout_p"]
        and not (mask is not None and (mask.requires_grad or given["is_causal"]))
    )
    if not fused:
        return None
    if mask is not None and mask.dtype is torch.bool:
        mask = torch.zeros_like(mask, dtype=query.dtype)
    run = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    return run(query, key, value, 0.0, given["is_causal"], attn_mask=mask, scale=given["scale"])[0]


def _refuse_script(recorder: Recorder, path: str) -> NoReturn:
    name = f"`{path}`" if path else "the network"
    error = TypeError(
        f"{name} is a ScriptModule, whose compiled code cannot be recorded; use the module as it was before "
        "`torch.jit.script` or `torch.jit.trace`"
    )
    recorder.raised = Raised(error, "", path, None, (), MappingProxyType({}), False)
    raise error


@contextmanager
def watching(
    recorder: Recorder, modules: Iterable[tuple[nn.Module, list[str]]], *, meta: bool
) -> Iterator[None]:
    """Record everything that the body runs in these modules, each given with its paths."""
    for module, paths in modules:
        if isinstance(module, torch.jit.ScriptModule):
            _refuse_script(recorder, paths[0])
        module.register_forward_pre_hook(partial(recorder.enter, paths[0]), prepend=True)
        module.register_forward_hook(recorder.leave)
    with ExitStack() as stack:
        if "torch._dynamo" in sys.modules:
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        stack.enter_context(torch.enable_grad())
        stack.enter_context(saved_tensors_hooks(recorder.pack, recorder.unpack))
        stack.enter_context(Operations(recorder))
        stack.enter_context(Functions(recorder, meta=meta))
        yield


@contextmanager
def deriving_shapes() -> Iterator[None]:
    """Run the body without any record; operations on tensors without data take their shortcuts."""
    with ExitStack() as stack:
        if "torch._dynamo" in sys.modules:
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        stack.enter_context(torch.enable_grad())
        stack.enter_context(Operations(Recorder({}, {}, "meta")))
        yield


@contextmanager
def unchanged_randomness(seed: int | None = None) -> Iterator[None]:
    """Restore the random states of torch, Python and numpy at the end; seed them first if `seed` is given."""
    import numpy

    state, old = random.getstate(), numpy.random.get_state()
    with torch.random.fork_rng(devices=[]):
        try:
            if seed is not None:
                # `torch.manual_seed` would seed the GPUs too, and their state is not restored.
                torch.default_generator.manual_seed(seed)
                random.seed(seed)
                numpy.random.seed(seed)
            yield
        finally:
            random.setstate(state)
            numpy.random.set_state(old)
