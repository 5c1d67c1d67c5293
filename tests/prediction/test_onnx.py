"""ONNX where its packages are missing; tests/extras writes and runs the files."""

import pytest

from netwright.errors import UsageError
from netwright.prediction import onnx
from netwright.prediction.export import export
from tiny import Net


def test_a_missing_package_is_named_with_the_extra_before_anything_is_recorded(monkeypatch, tmp_path):
    monkeypatch.setattr(onnx, "find_spec", lambda name: None if name == "onnxscript" else object())
    with pytest.raises(
        UsageError, match=r"the format onnx needs onnxscript: pip install 'netwright\[export\]'"
    ):
        export(Net(), tmp_path / "net.onnx", input=(1, 8, 8))
    assert not list(tmp_path.iterdir())
