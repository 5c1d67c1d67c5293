"""Whether masks belong to their images: label edges against image edges, and against shuffled pairs."""

from dataclasses import dataclass

import numpy as np

from netwright.lint.survey.outlines import SIDE, Outline

FEWEST = 8
"""The fewest pairs that can be judged; they have 40,320 orders."""
SHUFFLES = 999
SEED = 20151210  # any fixed number: a check gives the same findings every time
TURNS = {
    "mirrored left to right": lambda grid: grid[:, ::-1],
    "mirrored upside down": lambda grid: grid[::-1],
    "turned by 180 degrees": lambda grid: grid[::-1, ::-1],
    "transposed": lambda grid: grid.T,
    "turned by 90 degrees": lambda grid: np.rot90(grid),
    "turned by 270 degrees": lambda grid: np.rot90(grid, 3),
}


@dataclass(frozen=True, eq=False)
class Alignment:
    """How well masks fit images.

    Args:
        scores: The correlation of the edges of image i with the label edges of mask j, at [i, j].
        p: The share of orders of the masks, drawn at random, that fit the images at least as well as the
            order that was given (a permutation test).
        turned: The change of all masks after which they fit best, and that score; empty if it is none.
    """

    scores: np.ndarray
    p: float
    turned: tuple[str, float] | None

    @property
    def own(self) -> float:
        """The mean score of the images with their own masks."""
        return float(np.diag(self.scores).mean())

    @property
    def shuffled(self) -> float:
        """The mean score of the images with the masks of other images."""
        return float(self.scores[~np.eye(len(self.scores), dtype=bool)].mean())

    @property
    def deviations(self) -> np.ndarray:
        """By how many standard deviations mask j fits image i better than the others do, at [i, j]."""
        others = ~np.eye(len(self.scores), dtype=bool)
        mean = self.scores.mean(1, where=others, keepdims=True)
        return (self.scores - mean) / np.maximum(self.scores.std(1, where=others, keepdims=True), 1e-6)


def alignment(outlines: list[Outline]) -> Alignment | None:
    """Compare the edges of images and masks; None if there are too few to judge."""
    if len(outlines) < FEWEST:
        return None
    images = np.stack([outline.image.ravel() for outline in outlines]).astype(np.float32)
    masks = np.stack([outline.mask.ravel() for outline in outlines]).astype(np.float32)
    scores = images @ masks.T
    given = float(np.trace(scores)) / len(scores)
    random = np.random.default_rng(SEED)
    rows = np.arange(len(scores))
    drawn = [scores[rows, random.permutation(len(scores))].mean() for _ in range(SHUFFLES)]
    p = (1 + sum(value >= given for value in drawn)) / (1 + SHUFFLES)
    return Alignment(scores, p, _turned(images, masks, given))


def _turned(images: np.ndarray, masks: np.ndarray, given: float) -> tuple[str, float] | None:
    """Return the turn of all masks that makes them fit clearly better than they do."""
    best, name = given, ""
    grids = masks.reshape(-1, SIDE, SIDE)
    for words, turn in TURNS.items():
        turned = np.stack([turn(grid).ravel() for grid in grids])
        score = float((images * turned).sum(1).mean())
        if score > best:
            best, name = score, words
    return (name, best) if name and best > max(0.1, 2 * given) else None
