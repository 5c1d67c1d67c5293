"""Whether stored values are what the network of a run was trained on: channels, axes and scale."""

import numpy as np

from netwright.arithmetic.shape import show
from netwright.data.moments import FIXED
from netwright.errors import DataError

AXES = {2: "a signal", 3: "an image", 4: "a volume"}


def arranged(values: np.ndarray, input: tuple[int, ...]) -> np.ndarray:
    """Return stored values [c, *space] with the axes of an input of the training.

    A file that does not say which axis holds the channels may have been read with another one: the first
    axis of a volume of few slices as channels, or the channels of a signal as rows of an image.
    """
    if values.ndim == len(input) - 1 and input[0] == 1:
        return values[None]
    if values.ndim == len(input) + 1 and len(values) == 1 and values.shape[1] == input[0] != 1:
        return values[0]
    return values


def unsuited(
    shape: tuple[int, ...], dtype: np.dtype, input: tuple[int, ...], range: tuple[float, float]
) -> str:
    """Return why values of a shape and a type are not of the kind of the training; empty if they are.

    Args:
        shape: Shape of the values.
        dtype: Their type.
        input: Shape of one input of the training.
        range: The stored values that stood for 0 and 1 in the training.
    """
    if (shape[0], len(shape)) != (input[0], len(input)):
        return (
            f"it is {show(shape)} ({_form(shape)}), and the network was trained on {show(input)} "
            f"({_form(input)}); convert it"
        )
    byte = np.dtype(np.uint8)
    if dtype == byte and range != FIXED[byte]:
        return f"its values are {dtype}, and those of the training go from {_span(range)}; convert it"
    return ""


def outside(values: np.ndarray, range: tuple[float, float]) -> str:
    """Return why values are not on the scale of a training on 8 or 16 bits; empty if they are."""
    known = next((dtype for dtype, fixed in FIXED.items() if fixed == range), None)
    if known is None or values.dtype == known:
        return ""
    low, high = float(values.min()), float(values.max())
    if range[0] <= low and 1 < high <= range[1]:
        return ""
    return (
        f"its values are {values.dtype} from {_span((low, high))}, and those of the training go from "
        f"{_span(range)}; convert it"
    )


def require(values: np.ndarray, input: tuple[int, ...], range: tuple[float, float], place: str) -> None:
    """Refuse values that are not of the kind of the training.

    Raises:
        DataError: They are not; the message says both.
    """
    if reason := unsuited(values.shape, values.dtype, input, range) or outside(values, range):
        raise DataError(f"{place} does not fit the run: {reason}.")


def _form(shape: tuple[int, ...]) -> str:
    colour = {1: "grey", 3: "coloured"}.get(shape[0], "") if len(shape) == 3 else ""
    kind = f"a {colour} image" if colour else AXES.get(len(shape), "other axes")
    return kind if colour else f"{kind} of {shape[0]} channel{'s' * (shape[0] > 1)}"


def _span(range: tuple[float, float]) -> str:
    return f"{range[0]:g} to {range[1]:g}"
