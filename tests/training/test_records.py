"""The records of a run's files: what they take and what they refuse."""

import pytest
from pydantic import TypeAdapter, ValidationError

from netwright.training.records import MetricsRow, OptionsRecord


def test_the_options_of_data_are_those_of_load_with_their_types():
    options = TypeAdapter(OptionsRecord)
    assert options.validate_python({"limit": 40, "classes": ["a"]}) == {"limit": 40, "classes": ["a"]}
    for wrong in ({"limit": "many"}, {"net": "x"}, {"classes": [1]}):
        with pytest.raises(ValidationError):
            options.validate_python(wrong)


def test_a_row_of_metrics_keeps_further_keys():
    part = {"loss": 0.5}
    row = {"epoch": 1, "step": 2, "seconds": 0.1, "train": part, "valid": part, "test": part, "lr": 0.1}
    assert TypeAdapter(MetricsRow).validate_python(row) == row
