"""The whole card, as a reader sees it."""

import json
import shutil
from dataclasses import replace

import pytest
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt

from netwright.errors import RunError
from netwright.training.model_card.complete import stored
from netwright.training.model_card.facts import Facts
from netwright.training.model_card.text import text
from netwright.training.result import Run

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
HEADINGS = ["Use", "Input and output", "Results", "Known limits", "Data", "Network", "Training"]


def headings(card: str) -> list[str]:
    tokens = PARSER.parse(ModelCard(card).text)
    return [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]


@pytest.mark.parametrize("name", ["finished", "segmented", "of_module"])
def test_every_run_has_the_same_sections(request, name):
    run = request.getfixturevalue(name)
    title, *rest = headings((run.folder / "card.md").read_text())
    assert rest == HEADINGS
    assert title.endswith(f" on {run.data['name']}")


def test_the_card_names_what_the_run_is(segmented):
    card = text(segmented, stored(segmented))
    assert "`unet_same(width=2, depth=1)` is a PyTorch network for segmentation" in card
    assert f"- **parameters:** {segmented.params:,}" in card
    assert "- **output:** 2x16x16, without the batch, 2 classes" in card
    assert "- **examples:** 8 training, 2 validation, 2 test" in card
    assert "- **digest:** `cells`" in card
    assert "| `lr` | `0.05` |" in card.split("<details>")[0]
    assert "| `momentum` | `0.9` |" not in card.split("<details>")[0]
    assert "| `momentum` | `0.9` |" in card
    assert "threads:" in card
    assert "netwright predict . FILES --out predictions" in card


def test_hostile_texts_in_a_run_do_not_change_the_document(finished, tmp_path):
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    about = json.loads((folder / "run.json").read_text())
    evil = "x\n---\n# evil\n\n<script>alert(1)</script> | `a` ![b](http://c)"
    about["data"]["name"], about["data"]["digest"] = evil, evil
    about["data"]["classes"] = [f"{evil}{number}" for number in range(10)]
    about["task"]["settings"]["classes"] = about["data"]["classes"]
    (folder / "run.json").write_text(json.dumps(about))
    run = Run.read(folder)
    facts = stored(run)
    network = replace(facts.network, sees=evil, tiling=evil, uncounted=(evil,))
    card = text(run, replace(facts, network=network, data=replace(facts.data, layout=evil)))
    assert headings(card)[1:] == HEADINGS
    rendered = PARSER.render(ModelCard(card).text)
    assert "<script" not in rendered
    assert "<img" not in rendered
    assert rendered.count("<table>") == 4


def test_versions_with_control_characters_are_refused(finished, tmp_path):
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    about = json.loads((folder / "run.json").read_text())
    about["versions"]["torch"] = "2.0\x1b[31m"
    (folder / "run.json").write_text(json.dumps(about))
    with pytest.raises(RunError, match="versions"):
        Run.read(folder)


def test_a_run_before_its_first_epoch_has_a_card_too(finished, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    shutil.copy(finished.folder / "run.json", folder)
    run = replace(finished, folder=folder, epochs=[], best=None, final=None, finished=False, seconds=0.0)
    card = text(run, Facts())
    assert "The training has not saved any weights yet." in card
    assert "No epoch has been evaluated yet." in card
    assert headings(card)[1:] == HEADINGS
