"""Surveys of arrays, for the tests of single rules about data."""

from collections.abc import Sequence

import numpy as np
import torch

from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind
from netwright.lint.survey.survey import Survey, of_data


def noise(number: int, shape: tuple[int, ...] = (1, 8, 8), seed: int = 0) -> torch.Tensor:
    """Inputs [number, *shape] of uint8 that have nothing in common."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (number, *shape), dtype=torch.uint8, generator=generator)


def surveyed(splits: Sequence[Split], classes: Sequence[str] = (), **options: object) -> Survey:
    """The survey of three splits; `again=False` is that of a training."""
    known = {key: options.pop(key) for key in ("augment", "again") if key in options}
    return of_data(Data("arrays", tuple(classes), *splits, (0.5,), (0.2,), "digest", **options), **known)


def classified(labels: Sequence[int], classes: Sequence[str] = ("a", "b"), **options: object) -> Survey:
    """A survey whose training split has these labels; the other splits have one example of each class."""
    rest = list(range(len(classes)))
    splits = [
        Split(noise(len(each), seed=seed), {Kind.CLASS: torch.tensor(list(each))})
        for seed, each in enumerate((labels, rest, rest))
    ]
    return surveyed(splits, classes, **options)


def masked(*masks: np.ndarray, classes: Sequence[str] = (), **options: object) -> Survey:
    """A survey whose three splits each have these masks, with inputs of noise."""
    targets = [torch.from_numpy(np.asarray(mask).astype(np.uint8)) for mask in masks]
    splits = [
        Split(
            [noise(1, (1, *mask.shape), 10 * seed + k)[0] for k, mask in enumerate(targets)],
            {Kind.MASK: targets},
        )
        for seed in range(3)
    ]
    survey = surveyed([splits[0], Split([], {Kind.MASK: []}), Split([], {Kind.MASK: []})], classes, **options)
    return survey if classes else _unnamed(survey)


def _unnamed(survey: Survey) -> Survey:
    from dataclasses import replace

    return replace(survey, named=False)
