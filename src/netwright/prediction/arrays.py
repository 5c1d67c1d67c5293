"""Predictions for arrays in memory."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from netwright.arithmetic.shape import show
from netwright.data.kinds import IGNORE, Kind, Targets
from netwright.errors import DataError
from netwright.prediction.classes import Classes, batch_size
from netwright.prediction.maps import predict_array
from netwright.prediction.predictions import Predictions
from netwright.prediction.predictor import Predictor
from netwright.prediction.rows import MaskRow
from netwright.prediction.suited import require
from netwright.prediction.work import Options


def examples(given: Any, input: tuple[int, ...]) -> list[np.ndarray]:
    """Return arrays [c, *space], one for each input.

    Args:
        given: One array or tensor [n, c, *space] or [c, *space], or a sequence of the latter. The channels
            may be last, as pictures have them, and a single channel may be left out.
        input: The shape of one input of the training.

    Raises:
        DataError: The values are not numbers, or have other axes.
    """
    if isinstance(given, np.ndarray | Tensor):
        if given.ndim and not len(given):
            return []
        whole = _array(given, "the array")
        if whole.ndim == len(input) + 1 or (whole.ndim == len(input) and input[0] == 1 < len(whole)):
            return [_example(one, input) for one in whole]
        return [_example(whole, input)]
    if not isinstance(given, Sequence):
        raise DataError(f"the input is a {type(given).__name__}; give files, arrays or tensors.")
    return [_example(_array(one, f"array {k}"), input) for k, one in enumerate(given)]


def classified(work: Classes, arrays: Sequence[np.ndarray]) -> Predictions:
    """Return the classes of arrays, int64 [n] in `targets`, and a row with the probabilities of each."""
    begun = time.perf_counter()
    waiting: dict[tuple[tuple[int, ...], torch.dtype], list[tuple[int, Tensor]]] = {}
    for number, values in enumerate(arrays):
        one = work.prepared(values, f"array {number}")
        waiting.setdefault((tuple(one.shape), one.dtype), []).append((number, one))
    found = torch.zeros(len(arrays), dtype=torch.int64)
    shares = torch.zeros(len(arrays), len(work.names))
    for alike in waiting.values():
        most = batch_size(alike[0][1])
        for batch in (alike[start : start + most] for start in range(0, len(alike), most)):
            numbers = [number for number, _ in batch]
            stack = torch.stack([one for _, one in batch])
            found[numbers], shares[numbers] = work.outputs(stack, f"array {numbers[0]}")
    rows = work.rows([str(number) for number in range(len(arrays))], found, shares)
    return Predictions(rows, work.header, targets={Kind.CLASS: found}, seconds=time.perf_counter() - begun)


def masked(predictor: Predictor, arrays: Sequence[np.ndarray], options: Options) -> Predictions:
    """Return the masks of arrays as class indices [n, *space] in `targets`, and the shares of each class."""
    start, masks, rows = time.perf_counter(), [], []
    for number, values in enumerate(arrays):
        mask, row = _mask(predictor, values, str(number), options)
        masks.append(mask)
        rows.append(row)
    same = len({mask.shape for mask in masks}) == 1
    targets: Targets = {Kind.MASK: torch.stack(masks) if same else tuple(masks)}
    header = MaskRow.header(tuple(predictor.run.data["classes"]))
    return Predictions(rows, header, targets=targets, seconds=time.perf_counter() - start)


def _mask(predictor: Predictor, values: np.ndarray, place: str, options: Options) -> tuple[Tensor, MaskRow]:
    """Return the class indices of one array, and what is said of them."""
    require(values, predictor.input, predictor.range, f"array {place}")
    mask, inexact, notes = predict_array(
        predictor, values, memory=options.memory, components=options.components
    )
    names = predictor.run.data["classes"]
    sizes = torch.bincount(mask[mask != IGNORE], minlength=len(names))
    shares = dict(zip(names, (sizes / mask.numel()).tolist(), strict=True))
    return mask, MaskRow(place, "", shares, inexact, notes)


def _array(given: Any, place: str) -> np.ndarray:
    """Return real numbers in native byte order."""
    values = given.detach().cpu().numpy() if isinstance(given, Tensor) else np.asarray(given)
    if values.dtype.kind not in "biuf" or values.size == 0:
        raise DataError(f"{place} is {values.dtype} of {show(values.shape)}; give numbers [c, *space].")
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    other = {np.dtype(bool): np.uint8, np.dtype(np.float16): np.float32}.get(values.dtype)
    return values if other is None else values.astype(other)


def _example(values: np.ndarray, input: tuple[int, ...]) -> np.ndarray:
    """Return one input [c, *space]."""
    if values.ndim == len(input) - 1 and input[0] == 1:
        return values[None]
    if values.ndim == len(input) and values.shape[0] != input[0] == values.shape[-1]:
        return np.moveaxis(values, -1, 0)
    return values
