"""`nw.predict`: files into a folder that a later call goes on with, and arrays."""

import csv
import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import netwright as nw
from netwright.errors import DataError, RunError, UsageError
from netwright.prediction.journal import LINES, TABLE
from netwright.prediction.predict import predict, weights
from netwright.prediction.predictor import Predictor


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / TABLE).open(newline="") as file:
        return list(csv.DictReader(file))


def test_it_is_public(classes_run, squares):
    assert callable(nw.predict)
    assert len(nw.predict(classes_run, squares.test.inputs[:3])) == 3


def test_a_folder_becomes_a_table_in_the_order_of_the_files(classes_run, images, tmp_path):
    done = predict(classes_run, images, out=tmp_path / "out")
    rows = table(tmp_path / "out")
    assert [row["file"] for row in rows] == sorted(f"{'ab'[k % 2]}/{k:02}.png" for k in range(10))
    assert [row.class_name for row in done] == [row["class"] for row in rows]
    for row in rows:
        shares = [float(row[name]) for name in classes_run.data["classes"]]
        assert float(row["probability"]) == max(shares) == shares[int(row["class"])]
        assert sum(shares) == pytest.approx(1, abs=1e-5)


def test_without_a_folder_nothing_is_written(classes_run, images, monkeypatch):
    monkeypatch.chdir(images)
    done = predict(classes_run, ["a", Path("b/01.png")])
    assert [row.file for row in done] == [
        *sorted(f"a/{path.name}" for path in Path("a").iterdir()),
        "b/01.png",
    ]
    assert sorted(path.name for path in images.iterdir()) == ["a", "b"]


def test_only_what_is_missing_or_changed_is_predicted(classes_run, images, tmp_path, monkeypatch):
    out = tmp_path / "out"
    predict(classes_run, images, out=out)
    before = (out / LINES).read_text()
    assert predict(classes_run.folder, images, out=out).earlier == 10
    assert (out / LINES).read_text() == before
    Image.new("L", (8, 8)).save(images / "a/00.png")
    Image.new("L", (8, 8)).save(images / "a/new.png")
    again = predict(classes_run, images, out=out)
    assert (len(again), again.earlier) == (11, 9)
    assert (out / LINES).read_text().startswith(before)
    names = [row["file"] for row in table(out)]
    assert names == sorted(set(names))
    assert len(names) == 11


def test_other_weights_or_options_are_refused_by_name(classes_run, any_size_run, images, tmp_path):
    out = tmp_path / "out"
    predict(classes_run, images, out=out)
    with pytest.raises(RunError, match=r"holds other predictions: size \(=8\) was none"):
        predict(classes_run, images, out=out, size=8)
    with pytest.raises(RunError, match=r"holds other predictions: run \(=.*weights"):
        predict(any_size_run, images, out=out)


def test_the_weights_have_a_digest_of_names_types_and_values():
    net = torch.nn.BatchNorm1d(2)
    first = weights(net)
    assert weights(torch.nn.BatchNorm1d(2)) == first
    assert weights(torch.nn.BatchNorm1d(2).bfloat16()) != first
    net.num_batches_tracked += 1
    assert weights(net) != first


def test_the_size_of_the_training_holds_for_files_too(tmp_path):
    random = np.random.default_rng(0)
    for number in range(40):
        path = tmp_path / "data" / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (10 + number % 3, 14), dtype=np.uint8)).save(path)
    data = nw.Data.load(str(tmp_path / "data"), size=8)
    assert data.size == 8
    recipe = nw.Recipe(steps=1, batch=8, augment=())
    run = nw.train("mlp(hidden=(4,))", data, recipe, out=tmp_path / "run")
    assert nw.Run.read(tmp_path / "run").data["size"] == 8
    assert len(predict(run, tmp_path / "data", out=tmp_path / "out")) == 40


def test_nothing_of_a_damaged_batch_is_half_written(classes_run, images, tmp_path):
    (images / "b/bad.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"b/bad\.png` cannot be read"):
        predict(classes_run, images, out=tmp_path / "out")
    assert not (tmp_path / "out" / TABLE).exists()
    done = predict(classes_run, images, out=tmp_path / "out", skip_bad=True)
    assert (len(done), len(done.skipped)) == (10, 1)
    assert "bad.png" not in (tmp_path / "out" / TABLE).read_text()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"components": 9}, r"`components` \(=9\) is for masks"),
        ({"draw": True}, "drawings are files; give the folder `out`"),
    ],
)
def test_options_that_do_not_apply_are_refused(classes_run, images, options, reason):
    with pytest.raises(UsageError, match=reason):
        predict(classes_run, images, **options)


@pytest.mark.parametrize("options", [{"size": 0}, {"components": -1}, {"max_pixels": 0}])
def test_numbers_out_of_range_are_refused_by_name(classes_run, images, options):
    with pytest.raises(UsageError, match=rf"`{next(iter(options))}` \(=.*must be at least"):
        predict(classes_run, images, **options)


def test_a_predictor_has_its_network_already(masks_run, cells):
    with pytest.raises(UsageError, match="`flips` chooses the network"):
        predict(Predictor.of(masks_run), cells.test.inputs, flips=True)


def test_a_generator_names_files_too(classes_run, images):
    files = sorted(images.rglob("*.png"))
    done = predict(classes_run, (path for path in files))
    assert [row.file for row in done] == [path.relative_to(images).as_posix() for path in files]
    assert len(predict(classes_run, map(np.asarray, [np.zeros((8, 8), np.uint8)] * 3))) == 3


@pytest.mark.parametrize("given", [3, None])
def test_what_is_neither_files_nor_arrays_is_refused(classes_run, given):
    with pytest.raises(DataError, match="give files, arrays or tensors"):
        predict(classes_run, given)


def test_arrays_give_their_targets(classes_run, squares):
    done = predict(classes_run, squares.test.inputs)
    with torch.no_grad():
        mean, std = torch.tensor(squares.mean), torch.tensor(squares.std)
        wanted = classes_run.load()((squares.test.inputs / 255 - mean) / std).argmax(1)
    assert torch.equal(done.targets["class"], wanted)
    assert [row.class_name for row in done] == [squares.classes[k] for k in wanted]


@pytest.mark.parametrize(
    ("options", "reason"), [({"out": "x"}, "`out` is for files"), ({"draw": True}, "drawings are files")]
)
def test_arrays_have_no_files(classes_run, squares, options, reason):
    with pytest.raises(UsageError, match=reason):
        predict(classes_run, squares.test.inputs, **options)


def test_no_array_is_nothing_to_predict(classes_run):
    with pytest.raises(DataError, match="there is nothing to predict"):
        predict(classes_run, np.zeros((0, 1, 8, 8), np.uint8))


def test_several_runs_and_reflections_are_one_network(masks_run, cells):
    alone = predict(masks_run, cells.test.inputs).targets["mask"]
    twice = predict(masks_run, cells.test.inputs, others=[masks_run], combine="vote").targets["mask"]
    assert torch.equal(alone, twice)
    predictor = Predictor.of(masks_run, flips=[0])
    flipped = predict(predictor, cells.test.inputs.flip(2)).targets["mask"]
    assert torch.equal(flipped, predict(predictor, cells.test.inputs).targets["mask"].flip(1))


@pytest.fixture
def pictures(cells, tmp_path):
    """Four images with masks, in three formats."""
    folder = tmp_path / "pictures"
    (folder / "deep").mkdir(parents=True)
    images = [image[0].numpy() for image in cells.test.inputs] + [
        image[0].numpy() for image in cells.valid.inputs
    ]
    Image.fromarray(images[0]).save(folder / "one.png")
    Image.fromarray(images[1]).save(folder / "two.bmp")
    Image.fromarray(images[2]).save(folder / "deep/three.tif")
    np.save(folder / "four.npy", images[3])
    return folder


def test_masks_have_the_values_and_the_format_of_the_files(masks_run, pictures, tmp_path, cells):
    out = tmp_path / "out"
    done = predict(masks_run, pictures, out=out)
    assert {row.file: row.mask for row in done} == {
        "deep/three.tif": "deep/three.tif",
        "four.npy": "four.npy",
        "one.png": "one.png",
        "two.bmp": "two.png",
    }
    wanted = predict(masks_run, cells.test.inputs[:1])
    mask = np.array(Image.open(out / "one.png"))
    assert set(np.unique(mask)) <= {0, 255}
    assert np.array_equal(mask == 255, wanted.targets["mask"][0].numpy() == 1)
    rows = {row["file"]: row for row in table(out)}
    assert float(rows["one.png"]["cell"]) == pytest.approx((mask == 255).mean())
    assert rows["two.bmp"]["mask"] == "two.png"


def test_drawings_stand_beside_the_masks(masks_run, pictures, tmp_path):
    done = predict(masks_run, pictures, out=tmp_path / "out", draw=True)
    for row in done:
        assert (tmp_path / "out" / row.picture).is_file()
        assert row.picture == row.file.rpartition(".")[0] + ".drawn.png"


def test_results_that_would_meet_are_refused_before_anything_is_written(masks_run, pictures, tmp_path):
    Image.new("L", (16, 16)).save(pictures / "two.png")
    with pytest.raises(DataError, match=r"two\.bmp` and `.*two\.png` would both be written to `two\.png`"):
        predict(masks_run, pictures, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_input_is_never_replaced(masks_run, pictures):
    with pytest.raises(DataError, match="would replace the input"):
        predict(masks_run, pictures / "one.png", out=pictures)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"size": 8}, r"`size` \(=8\) is for classes"),
        ({"out": None}, "masks are files; give the folder `out`"),
    ],
)
def test_masks_need_a_folder_and_keep_their_size(masks_run, pictures, tmp_path, options, reason):
    with pytest.raises(UsageError, match=reason):
        predict(masks_run, pictures, **({"out": tmp_path / "out"} | options))


def test_a_damaged_image_is_named(masks_run, pictures, tmp_path):
    (pictures / "one.png").write_bytes(b"\x89PNG")
    with pytest.raises(DataError, match=r"one\.png` cannot be read: .*--skip-bad"):
        predict(masks_run, pictures, out=tmp_path / "out")
    done = predict(masks_run, pictures, out=tmp_path / "out", skip_bad=True)
    assert [row.file for row in done] == ["deep/three.tif", "four.npy", "two.bmp"]
    assert "one.png" in str(done.skipped[0])


def test_other_channels_are_refused_by_name(masks_run, pictures, tmp_path):
    Image.new("RGB", (16, 16)).save(pictures / "colour.png")
    with pytest.raises(DataError, match=r"colour\.png` .* 3x16x16 .* 1x16x16"):
        predict(masks_run, pictures, out=tmp_path / "out", skip_bad=True)


def killed_at(number: int, run, files, out: Path) -> bool:
    """Predict in a process that dies by SIGKILL at the n-th time it waits for the disk or renames; did it?"""
    pid = os.fork()
    if pid == 0:
        calls = 0

        def counted(original):
            def call(*args, **options):
                nonlocal calls
                calls += 1
                if calls == number:
                    os.kill(os.getpid(), signal.SIGKILL)
                return original(*args, **options)

            return call

        os.fsync, os.rename, os.replace = counted(os.fsync), counted(os.rename), counted(os.replace)
        torch.set_num_threads(1)
        predict(run, files, out=out, draw=True)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def content(folder: Path) -> dict[str, bytes]:
    """All files but the journal, whose lines may stand in another order, and the lock."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in (LINES, ".lock")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_killed_at_any_instant_it_goes_on_with_what_is_missing(masks_run, pictures, tmp_path):
    files = [pictures / "one.png", pictures / "deep/three.tif"]
    predict(masks_run, files, out=tmp_path / "whole", draw=True)
    whole = content(tmp_path / "whole")
    number, finished = 1, 0
    while killed_at(number, masks_run, files, out := tmp_path / f"out{number}"):
        left = content(out)
        assert all(left[name] == whole[name] for name in left if not name.endswith(".partial"))
        lines = (
            [json.loads(line) for line in (out / LINES).read_text().splitlines()]
            if (out / LINES).exists()
            else []
        )
        masks = [out / line["row"]["mask"] for line in lines]
        times = [mask.stat().st_mtime_ns for mask in masks]
        done = predict(masks_run, files, out=out, draw=True)
        assert done.earlier == len(masks)
        assert [mask.stat().st_mtime_ns for mask in masks] == times
        assert content(out) == whole
        number, finished = number + 3, max(finished, len(masks))
    assert finished == 2
    assert number > 15
