"""The metadata of a card, read by the library of the Hugging Face Hub."""

import re
from dataclasses import replace

import pytest
import yaml
from huggingface_hub import ModelCard

from netwright.training.model_card.header import dataset, front_matter, metadata, pipeline
from netwright.training.model_card.usage import named


def test_the_hub_reads_the_task_and_the_results(segmented):
    card = ModelCard((segmented.folder / "README.md").read_text())
    assert (card.data.library_name, card.data.pipeline_tag) == ("netwright", "image-segmentation")
    assert {"netwright", "pytorch", "segmentation"} <= set(card.data.tags)
    assert card.data.get("license") is None
    by_type = {result.metric_type: result for result in card.data.eval_results}
    best = segmented.best["test"]
    assert by_type["dice"].metric_value == pytest.approx(best["dice"], rel=1e-5)
    assert by_type["pixel_error"].metric_value == pytest.approx(100 * best["pixel_error"], rel=1e-5)
    assert by_type["pixel_error"].metric_name == "pixel error (%)"
    assert {result.dataset_split for result in card.data.eval_results} == {"test"}
    assert {result.task_type for result in card.data.eval_results} == {"image-segmentation"}


def test_the_metadata_survives_a_round_trip_through_the_library(finished, tmp_path):
    card = ModelCard((finished.folder / "card.md").read_text())
    card.save(tmp_path / "README.md")
    again = ModelCard.load(tmp_path / "README.md")
    assert again.data.to_dict() == card.data.to_dict()
    assert again.text.strip() == card.text.strip()
    assert (
        yaml.safe_load(card.data.to_yaml())["model-index"] == metadata(finished, "tiny.py:Net")["model-index"]
    )


@pytest.mark.parametrize(
    "name",
    [
        "a\n---\nlicense: mit",
        "!!python/object:os.system",
        "a: b #c",
        "'",
        '"',
        "*x",
        "\u2028",
        "~",
        "null",
        "{}",
    ],
)
def test_no_name_adds_a_key_or_ends_the_metadata(finished, name):
    run = replace(finished, data=dict(finished.data) | {"name": name})
    card = ModelCard(f"{front_matter(run, name)}\n# text\n")
    assert card.text.strip() == "# text"
    assert card.data.get("license") is None
    [entry] = yaml.safe_load(card.content.split("---\n")[1])["model-index"] if "\n---" not in name else [None]
    results = card.data.eval_results
    assert {result.metric_type for result in results} == {"loss", "error"}
    if entry:
        assert isinstance(entry["name"], str)
        assert isinstance(entry["results"][0]["dataset"]["name"], str)


def test_a_metric_without_a_value_is_left_out(finished):
    best = dict(finished.best) | {"test": finished.best["test"] | {"error": float("nan")}}
    [result] = metadata(replace(finished, best=best), "x")["model-index"][0]["results"]
    assert [metric["type"] for metric in result["metrics"]] == ["loss"]


def test_a_run_without_an_epoch_has_no_results(finished):
    assert "model-index" not in metadata(replace(finished, epochs=[], best=None, final=None), "x")


def test_only_images_have_a_word_of_the_hub(segmented):
    volume = replace(segmented, data=dict(segmented.data) | {"input": [1, 8, 8, 8]})
    assert pipeline(volume) == ""
    assert "pipeline_tag" not in metadata(volume, "x")
    assert metadata(volume, "x")["model-index"][0]["results"][0]["task"]["type"] == "segmentation"
    assert pipeline(replace(segmented, task=None)) == ""


def test_no_folder_of_this_machine_is_published(finished):
    text = (finished.folder / "card.md").read_text()
    assert named(finished.spec) == "tiny.py:Net"
    assert not re.search(r"/tests/|/home/|/tmp/", text)
    assert dataset("C:\\data\\cells") == "cells"
    assert dataset("/") == "data"
