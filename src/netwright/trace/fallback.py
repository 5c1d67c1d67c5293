"""Whether a run failed only because its tensors hold no data, so that a run with data may succeed.

The answer rests on the type of the exception, the code that raised it and the operation that was running. It
never rests on the words of the message, since the user's own errors may say anything.
"""

import os
from dis import opmap
from pathlib import Path

import torch
from torch._ops import OpOverload

from netwright.trace.recorder import Recorder

_TORCH = str(Path(torch.__file__).parent) + os.sep
_OBSERVERS = str(Path(__file__).parent) + os.sep
_ARGUMENT_CHECKS = f"{_TORCH}nn{os.sep}"
"""The part of torch that refuses wrong arguments, whatever the tensors hold."""
_CUSTOM_OPERATORS = f"{_TORCH}_library{os.sep}"
"""The part of torch that refuses a custom operator without a rule for its shapes."""
_FAKE_TENSORS = ("torch._subclasses.", "torch.fx.experimental.")
"""The modules that define the exceptions of fake tensors."""
_READING = {"numpy", "array", "format", "tensor_split"}
"""Functions that read the numbers of a tensor themselves, without an operation that does so."""
_VALUE_TAGS = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}
_RAISING = {opmap["RAISE_VARARGS"], opmap["RERAISE"]}


def lacks_data(error: BaseException | None, recorder: Recorder) -> bool:
    """Return whether the exception that ended a run may come from tensors without data.

    An exception that Python code outside torch raises itself, as `raise` and `assert` do, counts only if that
    code was handling such an exception.
    """
    if error is None or error.__traceback__ is None:
        return False
    if type(error).__module__.startswith(_FAKE_TENSORS):
        return True
    file, by_statement = _origin(error)
    if file.startswith((_TORCH, _OBSERVERS)):
        refused = by_statement and file.startswith((_ARGUMENT_CHECKS, _OBSERVERS))
        return not refused and _in_torch(error, file, recorder)
    if by_statement:
        return lacks_data(error.__context__, recorder)
    return isinstance(error, RuntimeError)  # raised by an extension that is not written in Python


def _origin(error: BaseException) -> tuple[str, bool]:
    """Return the file that raised an exception, and whether a `raise` or `assert` of that file did."""
    traceback = error.__traceback__
    assert traceback is not None
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    code = traceback.tb_frame.f_code
    return code.co_filename, code.co_code[traceback.tb_lasti] in _RAISING


def _in_torch(error: BaseException, file: str, recorder: Recorder) -> bool:
    if isinstance(error, NotImplementedError) or file.startswith(_CUSTOM_OPERATORS):
        return True
    raised, refused = recorder.raised, recorder.refused
    if raised is not None and raised.error is error and (raised.mixed or raised.name in _READING):
        return True
    if refused is None or refused.error is not error:
        return False
    return refused.mixed or _needs_data(refused.operation)


def _needs_data(operation: OpOverload) -> bool:
    """Return whether an operation depends on numbers, or has no rule for the shapes of its results."""
    if _VALUE_TAGS & set(operation.tags):
        return True
    ruled = torch._C._dispatch_has_kernel_for_dispatch_key(operation.name(), "Meta")
    return not ruled and not operation.is_view
