"""Files that cannot be read."""

import pytest

from planted import findings, pairs, photos


def test_every_file_comes_with_its_reason(tmp_path):
    photos(tmp_path)
    for k, path in enumerate(sorted((tmp_path / "train" / "disc").iterdir())[:6]):
        path.write_bytes(b"" if k % 2 else path.read_bytes()[:500])
    [finding] = findings(tmp_path, "NW812")
    assert finding.message.startswith("6 images of train cannot be read: `train/disc/ak.png`, ")
    assert set(finding.evidence["files"].values()) == {"image file is truncated", "it is not an image"}


def test_masks_are_told_from_images(tmp_path):
    pairs(tmp_path)
    (tmp_path / "masks" / "test" / "ak.png").write_bytes(b"no picture")
    [finding] = findings(tmp_path, "NW812")
    assert finding.message == "1 mask of test cannot be read: `masks/test/ak.png`: it is not an image."
    assert finding.place.file.endswith("masks/test/ak.png")


@pytest.mark.parametrize("write", [pairs, photos])
def test_readable_files_are_not_reported(tmp_path, write):
    assert findings(write(tmp_path), "NW812") == []
