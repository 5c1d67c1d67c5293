"""Images without masks and masks without images."""

import pytest

from planted import SPLITS, findings, pairs, save, scene


def reported(folder):
    return [(finding.place.file, finding.message) for finding in findings(folder, "NW802")]


def test_every_file_is_in_the_evidence_and_the_first_ones_in_the_message(tmp_path):
    pairs(tmp_path)
    gone = sorted((tmp_path / "masks" / "train").iterdir())[:6]
    for path in gone:
        path.unlink()
    [finding] = findings(tmp_path, "NW802")
    assert finding.message.startswith("6 images have no mask: `images/train/ak.png`, ")
    assert finding.message.endswith(" and 2 more.")
    assert len(finding.evidence["files"]) == 6
    assert finding.place.file.endswith("images/train/ak.png")


def test_two_files_of_one_name_are_reported(tmp_path):
    pairs(tmp_path)
    save(scene(0)[0], tmp_path / "images" / "train" / "ak.jpg")
    [(_, message)] = reported(tmp_path)
    assert "ak.jpg" in message
    assert "ak.png" in message


def test_a_complete_folder_is_not_reported(tmp_path):
    assert reported(pairs(tmp_path)) == []


@pytest.mark.parametrize("suffix", ["_mask", "-seg", "_label"])
def test_a_suffix_of_the_masks_is_not_part_of_the_name(tmp_path, suffix):
    pairs(tmp_path)
    for split in SPLITS:
        for path in (tmp_path / "masks" / split).iterdir():
            path.rename(path.with_name(f"{path.stem}{suffix}.png"))
    assert reported(tmp_path) == []
    (tmp_path / "images" / "valid" / "ak.png").unlink()
    [(_, message)] = reported(tmp_path)
    assert f"valid/ak{suffix}.png" in message
