"""`[tool.netwright]`."""

import pytest

from netwright.errors import UsageError
from netwright.lint.config import Config, load


def test_the_nearest_table_above_counts(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.netwright]\nselect = ["NW3"]\ninput = "3x32x32"\nbaseline = "b.json"\n'
    )
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert load(inner) == Config(("NW3",), (), ("3x32x32",), str(tmp_path / "b.json"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "[tool.netwright]\nselct = ['NW3']",
            "has the unknown key `selct`; the keys are baseline, ignore, input, select",
        ),
        ("[tool.netwright]\nselect = 'NW3'", r"`select` \(='NW3'\) .* must be a list of codes"),
        ("[tool.netwright]\ninput = 3", "must be a shape, as in"),
        ("[tool.netwright]\nbaseline = 3", "must be a text"),
        ("[tool.netwright", "cannot be read"),
        ("tool = 3", "cannot be read"),
        ("[tool]\nnetwright = 3", r"`netwright` \(=3\) under `\[tool\]` .* must be a table"),
        ("[tool.netwright]\nignore = [301]", "must be a list of codes"),
        ("[tool.netwright]\nbaseline = true", "must be a text"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, reason):
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(UsageError, match=reason):
        load(tmp_path)


def test_codes_may_be_written_small(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.netwright]\nselect = ['nw3']\nignore = ['nw301']\n")
    assert (load(tmp_path).select, load(tmp_path).ignore) == (("NW3",), ("NW301",))


def test_a_file_that_is_not_text_is_named(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"pyproject.toml` cannot be read"):
        load(tmp_path)


def test_an_unknown_code_is_refused_when_the_rules_are_chosen(tmp_path, monkeypatch):
    from netwright.lint.session import Session

    (tmp_path / "pyproject.toml").write_text("[tool.netwright]\nselect = ['E501']\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no rule's code starts with `E501`"):
        Session(["a.py"])
