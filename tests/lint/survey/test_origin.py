"""Where examples come from."""

from pathlib import Path

import numpy as np
import pytest
import torch

from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.data.stored import Channels, Page, StoredSplit
from netwright.lint.survey.origin import Files, Tensors, relative, within
from planted import save, scene


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    image, mask = scene(0)
    save(image, Path("cells/images/a.png"))
    save(mask, Path("cells/masks/a.png"))
    images, masks = [Path("cells/images/a.png")], [Path("cells/masks/a.png")]
    return Files(StoredSplit(images, {Kind.MASK: masks}, lambda k: f"`{images[k]}`"), "cells")


def test_files_are_read_and_named_relative_to_their_folder(files):
    image, mask = scene(0)
    assert (files.image(0).values == image.transpose(2, 0, 1)).all()
    assert (files.mask(0).values == mask[None]).all()
    assert files.place(0) == "`images/a.png`"
    assert files.file(0) == "cells/images/a.png"
    assert files.file(0, mask=True) == "cells/masks/a.png"
    assert (files.masked, files.labels, list(files.groups), len(files)) == (True, None, [], 1)


@pytest.mark.parametrize(
    ("content", "file"),
    [
        (Page(Path("d/s.tif"), 3), "d/s.tif"),
        (Channels((Path("d/r.png"), Path("d/g.png"))), "d/r.png"),
        (b"png", "d/rows.parquet"),
    ],
)
def test_parts_of_files_are_named_by_their_file(content, file):
    split = StoredSplit([content], {Kind.CLASS: [4]}, "row {} of `d/rows.parquet`".format)
    origin = Files(split, "d")
    assert origin.file(0) == file
    assert origin.place(0) == "row 0 of `rows.parquet`"
    assert origin.labels.tolist() == [4]


def test_bytes_without_a_file_have_the_name_of_the_data():
    origin = Files(StoredSplit([b"png"], {Kind.CLASS: [0]}, "digit {}".format), "digits")
    assert (origin.file(0), origin.place(0)) == ("digits", "digit 0")


def test_tensors_are_named_by_their_numbers():
    inputs, masks = torch.rand(3, 2, 5, 5), torch.zeros(3, 5, 5, dtype=torch.uint8)
    origin = Tensors(Split(inputs, {Kind.MASK: masks}, ["a", "a", "b"]), "arrays")
    assert np.array_equal(origin.image(2).values, inputs[2])
    assert origin.mask(2).values.shape == (1, 5, 5)
    assert (origin.place(2), origin.file(2), origin.masked) == ("example 2", "arrays", True)
    assert list(origin.groups) == ["a", "a", "b"]


def test_paths_inside_are_shortened_and_others_are_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.png").touch()
    assert relative(str(tmp_path / "here.png")) == "here.png"
    assert relative("/elsewhere/x.png") == "/elsewhere/x.png"
    assert relative("digits") == "digits"
    assert within("/elsewhere/x.png", str(tmp_path)) == "/elsewhere/x.png"
