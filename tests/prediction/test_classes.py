"""Classes of files: the same as those of the run's own network, in batches of equal shapes."""

import numpy as np
import pytest
import torch
from PIL import Image

import netwright as nw
import tiny
from netwright.errors import DataError, UnreadableError
from netwright.prediction.classes import VALUES, Classes, batch_size
from netwright.prediction.inputs import inputs
from netwright.prediction.predictor import Predictor
from netwright.prediction.work import Options, Skipped


def worked(run, files, folder=None, **options):
    """The rows by name, and what was left out."""
    work = Classes(Predictor.of(run), folder, Options(**options))
    results = list(work(inputs([files]).files, lambda done, total: None))
    skipped = [result for result in results if isinstance(result, Skipped)]
    batches = [result for result in results if not isinstance(result, Skipped)]
    return {done.file.name: done.row for batch in batches for done in batch}, batches, skipped


def probabilities(run, stored, data):
    """Softmax of the run's network on normalised values."""
    mean, std = (torch.tensor(each).view(1, -1, 1, 1) for each in (data.mean, data.std))
    with torch.no_grad():
        return run.load()((stored / 255 - mean) / std).softmax(1)


def test_every_class_has_the_probability_of_the_network(classes_run, images, squares):
    rows, _, _ = worked(classes_run, images)
    wanted = probabilities(classes_run, squares.test.inputs[:10], squares)
    for number in range(10):
        row = rows[f"{'ab'[number % 2]}/{number:02}.png"]
        torch.testing.assert_close(
            torch.tensor(list(row.probabilities.values())), wanted[number], rtol=1e-4, atol=1e-6
        )
        assert row.class_name == str(int(wanted[number].argmax()))
        assert row.probability == max(row.probabilities.values())
        assert list(row.probabilities) == list(squares.classes)


def test_files_of_one_shape_make_batches(any_size_run, images, monkeypatch):
    for number in range(3):
        Image.new("L", (12, 9), 40 * number).save(images / f"a/wide{number}.png")
    monkeypatch.setattr("netwright.prediction.classes.BATCH", 4)
    rows, batches, _ = worked(any_size_run, images)
    assert sorted(map(len, batches)) == [2, 3, 4, 4]
    assert len(rows) == 13
    assert all(len({np.array(Image.open(done.file.path)).shape for done in batch}) == 1 for batch in batches)


def test_few_examples_wait_for_others_of_their_shape(any_size_run, tmp_path, monkeypatch):
    for number in range(12):
        Image.new("L", (8 + number % 6, 8)).save(tmp_path / f"{number:02}.png")
    monkeypatch.setattr("netwright.prediction.classes.WAITING", 7)
    _, batches, _ = worked(any_size_run, tmp_path)
    assert sum(map(len, batches)) == 12
    assert len(batches[0]) == 2  # the most frequent shape, when seven wait


def test_large_examples_go_one_by_one():
    assert batch_size(torch.empty(3, 8, 8)) == 64
    assert batch_size(torch.empty(1, 1 << 10, 1 << 10)) == VALUES >> 20
    assert batch_size(torch.empty(1, 1 << 12, 1 << 12, device="meta")) == 1


def test_a_size_that_the_network_does_not_read_names_the_remedy(classes_run, images):
    Image.new("L", (20, 30)).save(images / "a/other.png")
    with pytest.raises(DataError, match=r"other\.png` is 1x30x20, .* trained on 1x8x8, .* give --size 8"):
        worked(classes_run, images)
    rows, _, _ = worked(classes_run, images, size=8)
    assert "a/other.png" in rows


def test_size_resizes_as_the_data_does(classes_run, tmp_path, squares):
    from netwright.data.fit import fit

    picture = np.random.default_rng(0).integers(0, 256, (24, 40), dtype=np.uint8)
    Image.fromarray(picture).save(tmp_path / "x.png")
    rows, _, _ = worked(classes_run, tmp_path, size=8)
    wanted = probabilities(classes_run, torch.from_numpy(fit(picture[None], 8))[None], squares)[0]
    found = torch.tensor(list(rows["x.png"].probabilities.values()))
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-6)


def test_other_channels_are_refused_by_name(classes_run, images):
    Image.new("RGB", (8, 8)).save(images / "b/colour.png")
    with pytest.raises(DataError, match=r"b/colour\.png` does not fit the run: it is 3x8x8 \(a coloured"):
        worked(classes_run, images, skip_bad=True)


def test_a_damaged_file_stops_or_is_left_out(classes_run, images):
    (images / "a/bad.png").write_bytes((images / "a/00.png").read_bytes()[:50])
    with pytest.raises(DataError, match=r"a/bad\.png` cannot be read: .*--skip-bad"):
        worked(classes_run, images)
    rows, _, skipped = worked(classes_run, images, skip_bad=True)
    assert len(rows) == 10
    assert [each.file.name for each in skipped] == ["a/bad.png"]


def test_values_that_are_not_finite_are_damage(classes_run):
    work = Classes(Predictor.of(classes_run), None, Options())
    with pytest.raises(UnreadableError, match="not finite"):
        work.prepared(np.full((1, 8, 8), np.nan, np.float32), "x")


def test_a_drawing_stands_beside_each_file(classes_run, images, tmp_path):
    rows, _, _ = worked(classes_run, images, tmp_path / "out", draw=True)
    for row in rows.values():
        assert row.files == (row.file.replace(".png", ".drawn.png"),)
        with Image.open(tmp_path / "out" / row.picture) as picture:
            assert picture.height > 160


def test_the_table_has_a_column_for_each_class(classes_run):
    work = Classes(Predictor.of(classes_run), None, Options())
    assert work.header == ("file", "class", "probability", *map(str, range(10)))


def test_values_of_any_type_are_drawn(tmp_path, squares):
    deep = nw.Data.of((squares.train.inputs.to(torch.int32) * 100).numpy(), squares.train.targets["class"])
    run = nw.train(tiny.SPEC, deep, nw.Recipe(steps=1, batch=16, augment=()), out=tmp_path / "run")
    np.save(tmp_path / "x.npy", deep.test.inputs[0, 0].numpy())
    rows, _, _ = worked(run, tmp_path / "x.npy", tmp_path / "out", draw=True)
    with Image.open(tmp_path / "out" / rows["x.npy"].picture) as picture:
        shown = np.array(picture.convert("L"))[:160]
    assert shown.min() == 0
    assert shown.max() == 255
