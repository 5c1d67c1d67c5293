"""`nw.predict`: what the network of a run says about files or arrays."""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from netwright.data.kinds import Kind
from netwright.data.read import forget
from netwright.data.readers.image import limited
from netwright.errors import DataError, UsageError
from netwright.prediction.arrays import classified, examples, masked
from netwright.prediction.bar import Bar
from netwright.prediction.classes import Classes
from netwright.prediction.inputs import Input, distinct, inputs
from netwright.prediction.journal import opened
from netwright.prediction.masks import Masks
from netwright.prediction.predictions import Predictions
from netwright.prediction.predictor import Predictor
from netwright.prediction.rows import Row
from netwright.prediction.work import Done, Options, Skipped, Work
from netwright.training.folder import Folder
from netwright.training.result import Run


def predict(  # noqa: PLR0913  # one for each thing that files leave open
    run: Run | Predictor | str | Path,
    files: Any,
    *,
    out: str | Path | None = None,
    size: int | None = None,
    components: int = 0,
    draw: bool = False,
    skip_bad: bool = False,
    memory: int | None = None,
    max_pixels: int | None = None,
    **network: Any,
) -> Predictions:
    """Predict what a run was trained for: a class or a mask for each file, or for each array.

    Values go in as they are stored: the normalisation of the training is applied here. Where `out` is given,
    every finished file is on the disk before the next one, and a later call with the same run and options
    does only what is missing or has changed. Masks have the values, the type, the format and the affine
    matrix of the user's files.

    Args:
        run: The run, its folder, or a predictor.
        files: A file or a folder, or several of them; or an array or a tensor of one or several inputs
            [n, c, *space], or a sequence of arrays [c, *space].
        out: The folder of the results: `predictions.csv` and, for masks, one file for each input.
        size: Resize the shorter side to this and crop the centre, for one class an image; by default as in
            the training.
        components: Remove regions of masks of less than this many positions.
        draw: Draw each prediction beside its result.
        skip_bad: Leave out files that cannot be read, and list them in `skipped`.
        memory: The bytes that the prediction of a large image may take.
        max_pixels: The largest picture that is decoded; by default the limit of Pillow.
        network: Options of `Predictor.of`: further runs as `others`, how to `combine` them, `flips`, `which`,
            `net` and `trust`.

    Raises:
        DataError: A file is missing, damaged, of an unknown format, or does not fit the run.
        RunError: There is no such run, or `out` holds other predictions.
        UsageError: An option is out of its range, or does not apply to what is predicted.
    """
    if isinstance(run, Predictor) and network:
        raise UsageError(f"`{next(iter(network))}` chooses the network; give it to `Predictor.of`.")
    predictor = run if isinstance(run, Predictor) else Predictor.of(run, **network)
    options = Options(size, components, draw, skip_bad, memory, max_pixels)
    for name, value, least in (
        ("size", size, 1),
        ("components", components, 0),
        ("max_pixels", max_pixels, 1),
    ):
        if value is not None and value < least:
            raise UsageError(f"`{name}` (={value}) must be at least {least}.")
    given = _listed(files)
    if isinstance(given, list) and all(isinstance(each, str | Path) for each in given):
        return _from_files(predictor, given, None if out is None else Path(out), options)
    if out is not None:
        raise UsageError("`out` is for files; the predictions for arrays are returned.")
    return _from_arrays(predictor, examples(given, predictor.input), options)


def _listed(files: Any) -> Any:
    """Return several files or arrays as a list, also those of a generator; one array as it is."""
    if isinstance(files, str | Path):
        return [files]
    whole = isinstance(files, np.ndarray | Tensor) or not isinstance(files, Iterable)
    return files if whole else list(files)


def _from_files(
    predictor: Predictor, given: Sequence[str | Path], out: Path | None, options: Options
) -> Predictions:
    work = _work(predictor, out, options)
    files = inputs(given, out).files
    names = [file.name for file in files]
    if out is None:
        known: dict[str, Row] = {}
        skipped, seconds = _worked(work, files, lambda done: known.update(_by_name(done)), options)
        rows = [known[name] for name in names if name in known]
        return Predictions(rows, work.header, skipped=skipped, seconds=seconds)
    _require_room(files, work, out)
    try:
        with opened(out, about(predictor, work), work.row) as journal:
            todo = [file for file in files if journal.finished(file) is None]
            skipped, seconds = _worked(work, todo, journal.add, options)
            journal.write(work.header, names)
            rows, earlier = journal.rows(names), len(files) - len(todo)
            return Predictions(rows, work.header, out, {}, skipped, earlier, seconds)
    except OSError as error:
        raise DataError(f"the predictions cannot be written into `{out}`: {error}.") from error


def _from_arrays(predictor: Predictor, arrays: Sequence[np.ndarray], options: Options) -> Predictions:
    if not arrays:
        raise DataError("there is nothing to predict; give at least one array.")
    if options.draw:
        raise UsageError("drawings are files; give files and the folder `out` for them.")
    if _kinds(predictor) == {Kind.MASK} and options.size is None:
        return masked(predictor, arrays, options)
    work = _work(predictor, None, options)
    assert isinstance(work, Classes)
    return classified(work, arrays)


def _kinds(predictor: Predictor) -> set[Kind]:
    return {*predictor.task.needs.values()}


def _work(predictor: Predictor, out: Path | None, options: Options) -> Work:
    """Return what is done with files, by the kind of the task's targets.

    Raises:
        UsageError: The task gives neither classes nor masks, or an option is for the other.
    """
    kinds = _kinds(predictor)
    if options.draw and out is None:
        raise UsageError("drawings are files; give the folder `out` for them.")
    if kinds == {Kind.CLASS}:
        if options.components:
            raise UsageError(f"`components` (={options.components}) is for masks, and the run gives classes.")
        known = predictor.run.data.get("size")
        return Classes(predictor, out, replace(options, size=options.size or known))
    if kinds != {Kind.MASK}:
        raise UsageError(f"the results of the task `{predictor.task.name}` are not written to files.")
    if options.size is not None:
        raise UsageError(f"`size` (={options.size}) is for classes; a mask has the size of its image.")
    if out is None:
        raise UsageError("masks are files; give the folder `out` for them, or arrays instead of files.")
    return Masks(predictor, out, options)


def _worked(
    work: Work, files: Sequence[Input], keep: Callable[[Sequence[Done]], None], options: Options
) -> tuple[tuple[Skipped, ...], float]:
    """Predict files and keep the results; return what was left out, and the seconds."""
    skipped, start = [], time.perf_counter()
    with limited(options.max_pixels), Bar(len(files)) as bar:
        for result in work(files, bar.tiles):
            if isinstance(result, Skipped):
                skipped.append(result)
            else:
                keep(result)
            bar.files(1 if isinstance(result, Skipped) else len(result))
    forget()
    return tuple(skipped), time.perf_counter() - start


def _by_name(done: Sequence[Done]) -> dict[str, Row]:
    return {each.file.name: each.row for each in done}


def _require_room(files: Sequence[Input], work: Work, out: Path) -> None:
    """Refuse results that would replace each other, or an input."""
    results = [(file, name) for file in files for name in work.results(file)]
    distinct([file for file, _ in results], [name for _, name in results])
    given = {os.path.abspath(file.path) for file in files}
    for file, name in results:
        if os.path.abspath(out / name) in given:
            raise DataError(
                f"the result for `{file.path}` would replace the input `{out / name}`; give another folder."
            )


def about(predictor: Predictor, work: Work) -> dict[str, Any]:
    """Return what predictions depend on beside their file, as JSON."""
    run, options = predictor.run, work.options
    return {
        "run": Folder(run.folder).about()["id"],
        "weights": weights(predictor.net),
        "network": sha256(repr(predictor.net).encode()).hexdigest(),
        "task": predictor.task.name,
        "classes": list(run.data["classes"]),
        "size": options.size,
        "components": options.components,
        "draw": options.draw,
    }


def weights(net: nn.Module) -> str:
    """Return the SHA-256 of the parameters and buffers of a network."""
    whole = sha256()
    for name, tensor in net.state_dict().items():
        whole.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        flat = tensor.detach().cpu().contiguous().flatten()
        whole.update(flat.view(torch.uint8).numpy().data)
    return whole.hexdigest()
