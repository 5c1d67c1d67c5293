"""`netwright predict`: classes or masks for new files."""

import sys
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from netwright.cli.members import Members
from netwright.cli.options import Json, Whole
from netwright.cli.stdout import only_results

if TYPE_CHECKING:
    from netwright.prediction.predictions import Predictions

FLAG = Parameter(negative="")


def predict(  # noqa: PLR0913  # each is a flag, and a command has no better place for them
    run: Path,
    files: list[Path],
    /,
    *,
    out: Path,
    draw: Annotated[bool, FLAG] = False,
    size: int | None = None,
    components: int = 0,
    memory: str | None = None,
    skip_bad: Annotated[bool, FLAG] = False,
    max_pixels: int | None = None,
    members: Members | None = None,
    whole: Whole = False,
    json: Json = False,
) -> None:
    """Predict the class or the mask of images and volumes, into a folder that a later call goes on with.

    The folder gets `predictions.csv` and, for masks, a file for each input in the format of the input, with
    the values and the type of the training's masks. Interrupted, the same command does what is missing.

    Args:
        run: The folder of the run.
        files: Files and folders; of a folder, all images and volumes at any depth.
        out: The folder of the results.
        draw: Draw each prediction beside its result, as NAME.drawn.png.
        size: Resize the shorter side to this and crop the centre, for classes; by default as in the training.
        components: Remove regions of masks of less than this many positions.
        memory: What the prediction of a large image may take, such as 2GiB.
        skip_bad: Name files that cannot be read, and go on.
        max_pixels: The largest picture that is decoded; by default the limit of Pillow.
    """
    from netwright.design.capacity import parse
    from netwright.prediction.predict import predict as write
    from netwright.slicing.loader import whole_files

    try:
        with whole_files(whole), only_results():
            done = write(
                run,
                files,
                out=out,
                draw=draw,
                size=size,
                components=components,
                memory=None if memory is None else parse(memory),
                skip_bad=skip_bad,
                max_pixels=max_pixels,
                **(members or Members()).options(),
            )
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt("interrupted; the same command goes on with what is missing") from error
    _show(done, json=json)


def _show(done: "Predictions", *, json: bool) -> None:
    """Print the results, and on standard error what a person should know beside them."""
    sys.stderr.write("".join(f"{line}\n" for line in done.remarks))
    text = dumps(done.facts(), indent=2) if json else str(done)
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode() + "\n")  # names that are not UTF-8
