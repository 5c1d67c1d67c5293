"""What an augmentation makes of the classes, told by the nearest training examples."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from netwright.errors import UnreadableError
from netwright.lint.survey.part import Part

SAMPLE = 1200
"""The most training examples that are probed."""
BYTES = 2**28
"""The most memory that they may take."""
SIDE = 16
"""Inputs are averaged to at most this size along each axis before they are compared."""
REAL = 0.95
"""An input counts as a class only if it is as near to it as this share of the true examples of that class."""
BATCH = 64
SEED = 20151210  # any fixed number: a check gives the same findings every time


@dataclass(frozen=True, eq=False)
class Sample:
    """Training examples: inputs [n, c, *space] as they are stored, and their class indices [n]."""

    inputs: Tensor
    labels: Tensor


@dataclass(frozen=True, eq=False)
class Probe:
    """Which class turns into which.

    Args:
        after: The share of the changed examples of class i that look like true examples of class j, [i, j].
        before: The share of the examples of class i whose nearest other example is of class j, [i, j].
        counts: The number of changed examples of each class.
        sizes: The number of examples of each class.
    """

    after: Tensor
    before: Tensor
    counts: Tensor
    sizes: Tensor

    def p(self, i: int, j: int) -> float:
        """Return the p-value of Fisher's exact test that i turns into j more often than without it."""
        from scipy.stats import fisher_exact

        rows = [
            (round(float(rates[i, j]) * int(numbers[i])), int(numbers[i]))
            for rates, numbers in ((self.after, self.counts), (self.before, self.sizes))
        ]
        return float(fisher_exact([(k, n - k) for k, n in rows], "greater").pvalue)


def sample(part: Part) -> Sample | None:
    """Read some training examples again, of the most frequent shape; None if there are fewer than two."""
    shapes = [part.examples[k].shape for k in part.rows]
    if part.labels is None or not shapes:
        return None
    shape = max(set(shapes), key=shapes.count)
    rows = part.rows[[each == shape for each in shapes]]
    most = min(SAMPLE, max(2, BYTES // (4 * int(np.prod(shape)))))
    chosen = np.sort(np.random.RandomState(SEED).permutation(rows)[:most])
    inputs, labels = [], []
    for k in chosen.tolist():
        try:
            inputs.append(part.origin.image(k).values)
        except UnreadableError:
            continue
        labels.append(int(part.labels[k]))
    if len(inputs) < 2:
        return None
    stack = np.stack(inputs)
    if stack.dtype != np.uint8:
        stack = np.nan_to_num(stack.astype(np.float32))
        stack = (stack - stack.min()) / max(float(np.ptp(stack)), 1e-30)
    return Sample(torch.from_numpy(stack), torch.tensor(labels))


class Prober:
    """Compares augmented examples with a sample, whose distances to each other are computed once."""

    def __init__(self, sample: Sample, classes: int):
        self.sample, self.classes = sample, classes
        self.keys = _features(_reduced(sample.inputs))
        self.plain = self._distances(sample.inputs)
        labels = sample.labels
        own = self.plain.gather(1, labels[:, None])[:, 0]
        self.radius = torch.stack(
            [
                own[labels == c].quantile(REAL) if (labels == c).sum() > 1 else own.new_tensor(-1.0)
                for c in range(classes)
            ]
        )
        everything = torch.ones(len(labels), dtype=torch.bool)
        self.before, self.sizes = self._rates(self.plain.argmin(1), everything)

    def probe(self, augment: Callable[[Tensor], Tensor]) -> Probe:
        """Return what an augmentation makes of the classes; it draws from a generator of its own."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            changed = torch.cat([augment(batch.clone()) for batch in self.sample.inputs.split(BATCH)])
        moved = (changed != self.sample.inputs).flatten(1).any(1)
        nearest, label = self._distances(changed).min(1)
        real = nearest <= self.radius[label]
        after, counts = self._rates(torch.where(real, label, -1), moved)
        return Probe(after, self.before, counts, self.sizes)

    def _distances(self, inputs: Tensor) -> Tensor:
        """Return the distance [n, classes] of each input to the nearest other example of each class.

        An input is also tried one position to every side, so that a turn of an image of even size is not
        told from its origin by the half position that it moves.
        """
        best = torch.full((len(inputs), len(self.keys)), torch.inf)
        for shifted in _shifts(_reduced(inputs)):
            best = torch.minimum(best, 1 - _features(shifted) @ self.keys.T)
        best.fill_diagonal_(torch.inf)
        columns = [self.sample.labels == c for c in range(self.classes)]
        far = torch.full((len(inputs),), torch.inf)
        return torch.stack([best[:, chosen].amin(1) if chosen.any() else far for chosen in columns], 1)

    def _rates(self, into: Tensor, counted: Tensor) -> tuple[Tensor, Tensor]:
        """Return the share of each class that falls into each, and the size of each class; -1 is none."""
        labels, kept = self.sample.labels, counted & (into >= 0)
        flat = labels[kept] * self.classes + into[kept]
        table = torch.bincount(flat, minlength=self.classes**2).reshape(self.classes, self.classes)
        sizes = torch.bincount(labels[counted], minlength=self.classes)
        return table / sizes.clamp(min=1)[:, None], sizes


def turns(axes: int) -> Mapping[str, Callable[[Tensor], Tensor]]:
    """Return flips and half turns of inputs with so many axes, by what to call them."""
    known: dict[str, Callable[[Tensor], Tensor]] = {"a flip left to right": lambda inputs: inputs.flip(-1)}
    if axes == 1:
        return {"a reversal": known["a flip left to right"]}
    known["a flip upside down"] = lambda inputs: inputs.flip(-2)
    known["a half turn"] = lambda inputs: inputs.flip(-2, -1)
    if axes > 2:
        known["a flip along the first axis"] = lambda inputs: inputs.flip(-3)
    return known


def _reduced(inputs: Tensor) -> Tensor:
    """Return the inputs as floats, averaged to the size at which they are compared."""
    values = inputs.float()
    size = [min(side, SIDE) for side in values.shape[2:]]
    if size == list(values.shape[2:]):
        return values
    pools: Sequence[Callable[..., Tensor]] = (
        F.adaptive_avg_pool1d,
        F.adaptive_avg_pool2d,
        F.adaptive_avg_pool3d,
    )
    pool = pools[len(size) - 1]
    return torch.cat([pool(part, size) for part in values.split(BATCH)])


def _shifts(inputs: Tensor) -> list[Tensor]:
    """Return the inputs as they are and moved by one position along the last two axes."""
    axes = range(2, inputs.ndim)[-2:]
    moved = [inputs]
    for axis in axes:
        moved += [_moved(each, axis, step) for each in moved for step in (-1, 1)]
    return moved


def _moved(inputs: Tensor, axis: int, step: int) -> Tensor:
    """Return inputs moved by one position; the border is repeated."""
    size = inputs.shape[axis]
    return inputs.index_select(axis, (torch.arange(size) + step).clamp(0, size - 1))


def _features(inputs: Tensor) -> Tensor:
    """Return vectors [n, d] with mean 0 and norm 1."""
    flat = inputs.flatten(1)
    flat = flat - flat.mean(1, keepdim=True)
    return flat / flat.norm(dim=1, keepdim=True).clamp(min=1e-6)
