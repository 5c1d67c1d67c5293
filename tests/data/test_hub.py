"""The hub's library on local folders in the hub's layout: nothing here needs a network."""

from collections.abc import Callable
from pathlib import Path
from ssl import SSLError
from urllib.error import HTTPError, URLError

import pytest

from netwright.data import hub
from netwright.data.kinds import Kind
from netwright.data.sources import parquet
from netwright.errors import DataError

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory):
    """The library, with a cache of its own and no way to the network."""
    import datasets
    import huggingface_hub.constants

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path_factory.mktemp("hub"))
        patch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
        yield datasets


@pytest.fixture(scope="module")
def folder(datasets, write_classes: Write, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set as the hub has it: written by the library, class names out of order, with a column more."""
    root = tmp_path_factory.mktemp("hub-layout")
    names = ["dog", "ant"]
    features = datasets.Features(
        {"img": datasets.Image(), "id": datasets.Value("int64"), "label": datasets.ClassLabel(names=names)}
    )
    for split, count in {"train": 6, "test": 2}.items():
        images = sorted(write_classes(root / "images" / split, dict.fromkeys(names, count)).rglob("*.png"))
        rows = [
            {
                "img": {"bytes": path.read_bytes(), "path": None},
                "id": k,
                "label": names.index(path.parent.name),
            }
            for k, path in enumerate(images)
        ]
        part = datasets.Dataset.from_list(rows, features=features)
        part.to_parquet(root / "parquet" / f"{split}-00000-of-00001.parquet")
    return root


def test_the_hub_and_a_local_parquet_of_the_same_content_are_the_same(folder: Path):
    fetched = hub.stored(str(folder / "parquet"))
    local = parquet.stored(folder / "parquet")
    assert fetched.classes == local.classes == ("dog", "ant")
    assert {name: len(part) for name, part in fetched.splits.items()} == {"train": 12, "test": 4}
    assert fetched.digest() == local.digest()


def test_a_data_set_of_image_files_is_read_from_its_files(folder: Path):
    fetched = hub.stored(str(folder / "images"))
    assert fetched.classes == ("ant", "dog")
    files = sorted((folder / "images" / "train").rglob("*.png"))
    assert sorted(fetched.splits["train"].contents()) == sorted(path.read_bytes() for path in files)
    assert fetched.splits["train"].targets[Kind.CLASS] == [0] * 6 + [1] * 6


def test_a_place_names_the_row_the_split_and_the_set(folder: Path):
    name = str(folder / "parquet")
    assert hub.stored(name).splits["test"].place(3) == f"row 3 of the test split of `{name}`"


def test_a_wanted_column_that_is_not_a_label_is_refused_with_all_columns(folder: Path):
    with pytest.raises(
        DataError, match=r"no column `id` .*img \(Image\), id \(Value\), label \(ClassLabel\)"
    ):
        hub.stored(str(folder / "parquet"), "id")


def test_a_set_without_images_is_refused_with_its_columns(datasets, tmp_path: Path):
    datasets.Dataset.from_dict({"text": ["a"]}).to_parquet(tmp_path / "train.parquet")
    with pytest.raises(DataError, match=r"must have one column of type Image; it has text \(Value\)"):
        hub.stored(str(tmp_path))


def test_a_set_without_a_train_split_is_refused_with_those_it_has(folder: Path, tmp_path: Path):
    whole = folder / "parquet" / "test-00000-of-00001.parquet"
    (tmp_path / whole.name).write_bytes(whole.read_bytes())
    with pytest.raises(DataError, match="has no train split; it has test"):
        hub.stored(str(tmp_path))


@pytest.mark.usefixtures("datasets")
def test_without_a_network_the_error_says_where_a_local_copy_is_looked_for(tmp_path: Path):
    with pytest.raises(DataError) as refusal:
        hub.stored("cifar10", local=tmp_path / "cifar10")
    assert f"no folder has that name here or at `{tmp_path / 'cifar10'}`" in str(refusal.value)
    assert "`uoft-cs/cifar10` cannot be loaded from the hub" in str(refusal.value)


@pytest.mark.usefixtures("datasets")
def test_where_no_folder_is_named_the_error_names_the_variable():
    with pytest.raises(DataError, match=r"`\$NETWRIGHT_DATA/someone/cells` \(the variable is not set\)"):
        hub.stored("someone/cells")


def test_a_silent_hub_is_said_at_once_and_only_the_cache_is_read(datasets, monkeypatch, tmp_path: Path):
    """The library would try for half a minute."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", "http://localhost:9")
    seen = []

    def load(name):
        seen.append((constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE))
        raise ConnectionError("offline")

    monkeypatch.setattr(datasets, "load_dataset", load)
    with pytest.raises(
        DataError, match=r"cannot be loaded from the hub: http://localhost:9 does not answer\.$"
    ):
        hub.stored("nothing")
    assert seen == [(True, True)]
    assert constants.HF_HUB_OFFLINE is False


@pytest.mark.parametrize(
    ("error", "answered"),
    [
        (HTTPError("http://hub", 503, "busy", {}, None), True),
        (URLError(SSLError("a certificate of the company")), True),
        (URLError(OSError("no route")), False),
        (TimeoutError("slow"), False),
    ],
)
def test_an_error_is_an_answer_unless_nothing_was_reached(error, answered, monkeypatch):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(hub, "urlopen", fail)
    assert hub._answers() is answered
