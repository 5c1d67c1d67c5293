"""Names of a package are imported on their first use, as PEP 562 allows."""

import sys

import pytest

INIT = """
from netwright.lazy import attach

__getattr__, __dir__, __all__ = attach("shop", {"fruit": "apple pear", "tools": "tools", "broken": "spade"})
"""


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A package with two modules, and one that cannot be imported."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "__init__.py").write_text(INIT)
    (folder / "fruit.py").write_text("apple, pear = 'an apple', 'a pear'")
    (folder / "tools.py").write_text("hammer = 'a hammer'")
    (folder / "broken.py").write_text("raise ValueError('out of stock')")
    monkeypatch.syspath_prepend(tmp_path)
    import shop

    yield shop
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]


def test_a_module_is_imported_when_one_of_its_names_is_first_used(shop):
    assert "shop.fruit" not in sys.modules
    assert shop.pear == "a pear"
    assert "shop.fruit" in sys.modules
    assert "shop.tools" not in sys.modules


def test_a_sub_package_can_be_offered_itself(shop):
    assert shop.tools.hammer == "a hammer"


def test_names_are_listed_without_importing_anything(shop):
    assert shop.__all__ == ["apple", "pear", "tools", "spade"]
    assert dir(shop) == ["apple", "pear", "spade", "tools"]
    assert "shop.fruit" not in sys.modules


def test_names_can_be_imported_from_the_package(shop):
    from shop import apple

    assert apple == "an apple"


def test_an_unknown_name_lists_the_known_ones(shop):
    with pytest.raises(
        AttributeError, match="module 'shop' has no attribute 'plum'; it has apple, pear, tools"
    ):
        _ = shop.plum


def test_an_error_while_a_module_is_imported_is_not_hidden(shop):
    with pytest.raises(ValueError, match="out of stock"):
        _ = shop.spade
