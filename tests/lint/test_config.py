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
        ("[tool.netwright]\nselct = ['NW3']", "has `selct`; it takes baseline, ignore, input, select"),
        ("[tool.netwright]\nselect = 'NW3'", r"`select` \(='NW3'\) .* must be a list of codes"),
        ("[tool.netwright]\ninput = 3", "must be a shape, as in"),
        ("[tool.netwright]\nbaseline = 3", "must be a text"),
        ("[tool.netwright", "cannot be read"),
        ("tool = 3", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, reason):
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(UsageError, match=reason):
        load(tmp_path)
