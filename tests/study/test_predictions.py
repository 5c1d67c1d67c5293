"""Pictures of predictions on the page of a study."""

import json
import re
from base64 import b64decode
from io import BytesIO

import pytest
from PIL import Image

from netwright.study.predictions import WIDTH, predictions
from netwright.study.report import report
from study.examples import SEGMENTATION, segmentation

INDEX = [
    {"rank": "worst", "example": 7, "value": 0.4123},
    {"rank": "best", "example": 2, "value": 0.98, "part": True},
]


def paint(study, arm, size=(8, 6), index=INDEX) -> None:
    folder = study.folder / arm.trials[0].folder / "pictures"
    folder.mkdir(parents=True)
    for entry in index:
        Image.new("RGB", size, (200, 0, 0)).save(folder / f"{entry['rank']}.png")
    (folder / "index.json").write_text(json.dumps(index))


@pytest.fixture
def painted(make):
    arms = segmentation("unet", 0.8, 0.9), segmentation("<fcn>", 0.6, 0.7)
    study = make(*arms, task=SEGMENTATION)
    paint(study, arms[0], size=(2000, 100))
    return study, arms


def test_the_page_embeds_the_pictures_with_their_metric(painted):
    study, _ = painted
    html = predictions(study)
    assert "worst: test example 7, dice 0.412" in html
    assert "best: part of test example 2, dice 0.980" in html
    sources = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', html)
    assert len(sources) == html.count("<img") == html.count(" alt=") == 2
    with Image.open(BytesIO(b64decode(sources[0]))) as picture:
        assert picture.size == (WIDTH, WIDTH * 100 // 2000)
        assert picture.getpixel((5, 5))[0] > 180
    assert html in report(study)


def test_a_study_without_pictures_has_no_such_section(make):
    assert predictions(make()) == ""
    assert "<h2>Predictions" not in report(make())


def test_names_are_escaped(painted):
    study, arms = painted
    paint(study, arms[1])
    html = predictions(study)
    assert "<fcn>" not in html
    assert "&lt;fcn&gt;" in html


@pytest.mark.parametrize("damage", ["missing", "text", "list", "rank"])
def test_a_damaged_picture_is_left_out(make, damage):
    arm = segmentation("unet", 0.8)
    study = make(arm, task=SEGMENTATION)
    paint(study, arm, index=INDEX[:1])
    folder = study.folder / arm.trials[0].folder / "pictures"
    if damage == "missing":
        (folder / "worst.png").unlink()
    elif damage == "text":
        (folder / "worst.png").write_text("not a picture")
    elif damage == "list":
        (folder / "index.json").write_text("[")
    else:
        (folder / "index.json").write_text(json.dumps([INDEX[0] | {"rank": "../../x"}]))
    assert predictions(study) == ""
