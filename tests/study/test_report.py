"""The page: whole, escaped, and without a need for anything else."""

import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from netwright.study.report import facts, report
from study.examples import HOT, OPTIONS, PLAIN, RESIDUAL, SEGMENTATION, arm, segmentation, trial, two_by_two

VOID = {"meta", "br", "hr", "img", "link", "input"}
HOSTILE = '<script>alert("x")</script> & $title ${headline} \' "'


class Page(HTMLParser):
    """Text, tags and attributes of a page; fails on a tag that is not closed in order."""

    def __init__(self, html: str):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_every_tag_is_closed_and_all_parts_are_there(make):
    page = Page(report(make()))
    for part in (
        "resnet56 has the lowest test error",
        "Learning curves",
        "Error against cost",
        "resnet56 is better than plain56 by 55.4 points",
        "not corrected for the number of pairs",
        "hot failed: the loss is nan at step 3",
        "chosen on the test split",
        "digits: 1x8x8, 10 classes; 1,257 to train, 180 to validate, 360 to test",
        "0, 1, 2",
        "2.13.0",
        "nesterov yes",
        "augment crop",
    ):
        assert part in page.text, part
    assert page.tags.count("svg") == 2


def test_a_page_of_another_task_speaks_of_its_own_metrics(make):
    page = Page(
        report(make(segmentation("unet", 0.8, 0.9), segmentation("fcn", 0.6, 0.7), task=SEGMENTATION))
    )
    for part in (
        "Dice, mean ± deviation over seeds",
        "Baseline (all background): dice 0.437, pixel error 22.40 %.",
        "Further metrics design test pixel error (%) unet 3.75 ± 1.77 fcn 8.75 ± 1.77",
        "The dice after each epoch",
        "Dice against cost",
        "task segmentation",
    ):
        assert part in page.text, part
    assert "error in percent" not in page.text.lower()
    assert "logarithmic" not in page.text


def test_several_recipes_are_named_and_their_options_compared(make):
    page = Page(report(make(**two_by_two())))
    for part in (
        "plain, residual with lr=0.05, lr=0.2 on digits",
        "residual with lr=0.2 has the lowest test error",
        "Designs and recipes",
        "design recipe parameters",
        "For residual, lr=0.2 is better than lr=0.05",
        "Designs with the same recipe, and recipes of the same design,",
        "recipe lr lr=0.05 0.05 lr=0.2 0.2",
        "epochs 3",
    ):
        assert part in page.text, part
    texts = [item for item in page.words if "lr=0.2" in item and item.endswith(".")]
    assert [text.split()[0] for text in texts[-3:]] == ["With", "For", "For"]


def test_one_recipe_is_not_compared(make):
    page = Page(report(make()))
    assert "with the same recipe" in page.text
    assert "standard" not in page.text
    assert page.tags.count("table") == 1


def test_an_option_that_only_one_recipe_has_is_compared(make):
    page = Page(report(make(PLAIN, recipes={"a": OPTIONS, "b": OPTIONS | {"clip_grad_norm": 1.0}})))
    assert "recipe clip grad norm a - b 1.0" in page.text


def test_nothing_is_fetched_and_nothing_is_run(make):
    html = report(make())
    page = Page(html)
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(page.tags)
    for name, value in page.attributes:
        assert not name.startswith("on")
        if name in {"href", "src", "xlink:href", "action"}:
            assert (value or "").startswith("#")
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)


def test_hostile_names_and_reasons_are_text(make):
    bad = arm(HOSTILE, trial(0, [0.5]), trial(1, [0.5], HOSTILE))
    page = Page(report(make(bad, PLAIN)))
    assert "script" not in page.tags
    assert page.text.count(" ".join(HOSTILE.split())) >= 4


def test_what_was_understood_of_the_files_is_a_fact(make):
    known = make()
    assert "files" not in facts(known)
    read = replace(known, data=known.data | {"layout": "30 pairs, 512x512 grey"})
    assert facts(read)["files"] == "30 pairs, 512x512 grey"


def test_hostile_recipe_and_data_are_text(make):
    data = make().data | {"name": HOSTILE}
    recipes = {HOSTILE: {HOSTILE: HOSTILE}, "b": {HOSTILE: 1}}
    page = Page(report(make(arm("mlp", trial(0, [0.5]), recipe=HOSTILE), data=data, recipes=recipes)))
    assert "script" not in page.tags
    assert page.words.count(HOSTILE) >= 3


def test_it_is_made_for_phones_and_for_the_dark(make):
    html = report(make())
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html
    assert "prefers-color-scheme: dark" in html
    assert re.search(r'<div class="scroll[^>]*>\s*<table>', html)


def test_equal_studies_give_equal_pages(make):
    assert report(make()) == report(make())


def test_a_lone_design_and_a_study_without_a_finished_run_have_pages_too(make):
    assert "There is nothing to compare the only row of the table with." in Page(report(make(PLAIN))).text
    assert "No run finished" in Page(report(make(HOT))).text


def test_a_design_whose_spec_is_not_its_name_is_explained(make):
    study = make(arm("wide", trial(0, [0.5])))
    shown = facts(replace(study, designs=[replace(study.designs[0], spec="resnet20(width=32)")]))
    assert shown["design wide"] == "resnet20(width=32)"


@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
def test_chromium_shows_it_without_scrolling_sideways(make, tmp_path):
    page = tmp_path / "report.html"
    long = arm("resnet(depth=56, block='bottleneck', shortcut='B', width=32)", trial(0, [0.5]))
    probe = "<p id=probe></p><script>probe.textContent=document.documentElement.scrollWidth</script></body>"
    page.write_text(report(make(PLAIN, RESIDUAL, HOT, long)).replace("</body>", probe))
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=500,900"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    width = re.search(r'id="probe">(\d+)', shown)
    assert width is not None
    assert int(width[1]) <= 500
