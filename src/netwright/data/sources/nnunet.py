"""nnU-Net and the Medical Segmentation Decathlon: `imagesTr/`, `labelsTr/` and `dataset.json`.

Isensee 2021; Antonelli 2022. nnU-Net keeps each channel of a case in a file of its own (`case_0000.nii.gz`,
`case_0001.nii.gz`), the Decathlon all channels in one (`case.nii.gz`). Of `dataset.json` both the newer form,
`"labels": {"background": 0}` and `channel_names`, and the older, `{"0": "background"}` and `modality`, are
known. What it says is checked against the files.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from netwright.data.labels import Labels, named
from netwright.data.naming import groups, stem
from netwright.data.pairing import keyed, readable, split_of, stored_masks
from netwright.data.read import read, suffix
from netwright.data.reading import Reading
from netwright.data.stored import Channels, Content, Stored, StoredSplit
from netwright.errors import DataError, UnreadableError

TASKS = ("segmentation",)
PICTURES = (".png", ".bmp")  # one such file holds all the channels that `channel_names` names


def matches(path: Path) -> str:
    """Return why a folder is not laid out as for nnU-Net; empty if it is."""
    for name in ("imagesTr", "labelsTr"):
        if not (path / name).is_dir():
            return f"it has no folder {name}"
    return "" if (path / "dataset.json").is_file() else "it has no file dataset.json"


def stored(path: Path, reading: Reading) -> Stored:
    """Return the training cases, and the test cases where they have labels; each case is a group.

    Raises:
        DataError: `dataset.json` is damaged or contradicts the files.
    """
    facts = _facts(path / "dataset.json")
    channels = len(_mapping(facts, "channel_names", "modality", where=path))
    splits = {"train": _split(path, "Tr", channels, reading)}
    if (path / "labelsTs").is_dir() and readable(path / "labelsTs"):
        splits["test"] = _split(path, "Ts", channels, reading)
    _check(path, facts, splits["train"], channels)
    return stored_masks(splits, _labels(path, facts, reading))


def _facts(file: Path) -> Mapping[str, Any]:
    try:
        facts = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"`{file}` is damaged: {error}.") from error
    if not isinstance(facts, dict):
        raise DataError(f"`{file}` must hold an object with labels and channel_names.")
    return facts


def _mapping(facts: Mapping[str, Any], *names: str, where: Path) -> Mapping[str, Any]:
    for name in names:
        if isinstance(facts.get(name), dict) and facts[name]:
            return facts[name]
    raise DataError(f"`{where / 'dataset.json'}` has no `{names[0]}`; it must name each of them.")


def _labels(path: Path, facts: Mapping[str, Any], reading: Reading) -> Labels:
    """Return the classes: {"background": 0, "liver": 1} or {"0": "background", "1": "liver"}."""
    told = _mapping(facts, "labels", where=path)
    swapped = [(value, key) if str(key).isdecimal() else (key, value) for key, value in told.items()]
    values: dict[str, int] = {}
    for name, value in swapped:
        if not str(value).isdecimal():
            raise DataError(
                f"`{path / 'dataset.json'}` gives `{name}` the labels {value}; regions that overlap are not "
                "read, so give each class one integer."
            )
        values[str(name)] = int(value)
    ignored = (values.pop("ignore"),) if "ignore" in values else ()
    ordered = sorted(values.items(), key=lambda pair: pair[1])
    return named([name for name, _ in ordered], [value for _, value in ordered], reading, ignored)


def _split(path: Path, ending: str, channels: int, reading: Reading) -> StoredSplit:
    """Return the cases that have a label; images without one are refused."""
    masks = readable(path / f"labels{ending}")
    labels = keyed(masks, [stem(file) for file in masks])
    files = readable(path / f"images{ending}")
    images = keyed(files, [stem(file) for file in files])
    contents: list[Content] = [_image(path, case, images, channels) for case in labels]
    used = {part for content in contents for part in _parts(content)}
    left = [file for file in files if file not in used]
    if left:
        raise DataError(
            f"`{left[0]}` belongs to no case in `{path / f'labels{ending}'}` (channels: {channels})."
        )
    if not contents:
        raise DataError(f"`{path / f'labels{ending}'}` has no files.")
    first = [_parts(content)[0] for content in contents]
    cases = groups(first, path, reading, list(labels))
    return split_of(contents, list(labels.values()), [*map(str, first)], cases)


def _image(path: Path, case: str, images: Mapping[str, Path], channels: int) -> Content:
    names = [f"{case}_{k:04}" for k in range(channels)]
    if case in images and names[0] not in images:
        return images[case]
    if names[0] in images and names[-1] not in images and suffix(images[names[0]]) in PICTURES:
        return images[names[0]]
    if missing := [name for name in names if name not in images]:
        raise DataError(
            f"the case `{case}` in `{path}` has no image `{missing[0]}`; dataset.json names {channels}."
        )
    return images[names[0]] if channels == 1 else Channels(tuple(images[name] for name in names))


def _parts(content: Content) -> tuple[Any, ...]:
    return content.parts if isinstance(content, Channels) else (content,)


def _check(path: Path, facts: Mapping[str, Any], train: StoredSplit, channels: int) -> None:
    """Refuse what `dataset.json` says and the files contradict."""
    file = path / "dataset.json"
    said = facts.get("numTraining", len(train))
    if said != len(train):
        raise DataError(f"`{file}` says numTraining {said}, and there are {len(train)} cases with labels.")
    listed = facts.get("training", [])
    for entry in listed if isinstance(listed, list) else []:
        for text in entry.values() if isinstance(entry, dict) else [entry]:
            _inside(path, file, str(text))
    first = train.images[0]
    if isinstance(first, Path):
        try:
            stored = len(read(first).values)
        except UnreadableError:
            return  # decoding refuses it, or leaves it out on request
        if stored != channels:
            raise DataError(f"`{file}` names {channels} channels, and `{first}` has {stored}.")


def _inside(path: Path, file: Path, text: str) -> None:
    target = (path / text.replace("\0", "")).resolve()
    if not target.is_relative_to(path.resolve()):
        raise DataError(f"`{file}` names `{text}`, which lies outside of the folder.")
    if not target.exists() and not any(target.parent.glob(f"{stem(target)}_0000.*")):
        raise DataError(f"`{file}` names `{text}`, which does not exist.")
