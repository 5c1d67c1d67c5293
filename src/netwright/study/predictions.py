"""Pictures of predictions as a part of the page of a study: those that the runs drew, embedded."""

from base64 import b64encode
from collections.abc import Iterator
from html import escape
from io import BytesIO
from pathlib import Path

from PIL import Image

from netwright.study.arm import Arm
from netwright.study.result import Study
from netwright.training import pictures
from netwright.training.pictures import Picture

WIDTH = 720
"""Pixels of an embedded picture at most; the folder of the run has the whole picture."""


def predictions(study: Study) -> str:
    """Return the pictures of each arm with their captions; nothing where no run drew any."""
    rows = [row for arm in study.arms if (row := _row(study, arm))]
    if not rows:
        return ""
    label = escape(study.task.scale.label)
    return (
        f'<h2>Predictions</h2>\n<p class="soft">The worst, the median and the best test example by {label}, '
        "for the first seed that finished and the weights that validation chose. Each picture shows the "
        "prediction first, then the truth; a third part marks what is wrong, where the task does that.</p>\n"
        + "\n".join(rows)
    )


def _row(study: Study, arm: Arm) -> str:
    """Return the pictures of the first finished trial of an arm."""
    name = study.label(arm.design, arm.recipe)
    for trial in arm.finished[:1]:
        figures = list(_figures(study, name, study.folder / trial.folder))
        if figures:
            return f'<h3>{escape(name)}</h3>\n<div class="pictures">\n{"".join(figures)}</div>'
    return ""


def _figures(study: Study, name: str, run: Path) -> Iterator[str]:
    for picture in pictures.read(run):
        content = _jpeg(run / picture.file)
        if content:
            caption = f"{picture.rank}: {picture.name}, {_value(study, picture)}"
            source = f"data:image/jpeg;base64,{b64encode(content).decode()}"
            yield (
                f'<figure><img src="{source}" alt="{escape(f"Prediction of {name} and truth, {caption}")}">'
                f"<figcaption>{escape(caption)}</figcaption></figure>\n"
            )


def _value(study: Study, picture: Picture) -> str:
    scale = study.task.scale
    return f"{scale.label} {scale.text(picture.value)}"


def _jpeg(path: Path) -> bytes:
    """Return a picture of at most `WIDTH` pixels; nothing where the file is missing or damaged."""
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            small = picture.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        return b""
    small.thumbnail((WIDTH, WIDTH))
    stream = BytesIO()
    small.save(stream, "JPEG", quality=80, subsampling=0)
    return stream.getvalue()
