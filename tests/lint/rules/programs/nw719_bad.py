import random

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

SEED = 7


def same(worker_id):
    seed = SEED + 1
    np.random.seed(seed)


class Noisy(Dataset):
    def __init__(self, pictures):
        self.pictures = pictures
        self.rng = np.random.default_rng(0)  # NW719
        self.noise = torch.Generator().manual_seed(1)  # NW719

    def __len__(self):
        return len(self.pictures)

    def crop(self, picture):
        return picture[self.rng.integers(4) :]

    def __getitem__(self, index):
        return self.crop(self.pictures[index]) + torch.randn(1, generator=self.noise)


class Flipped(Noisy):
    def __getitem__(self, index):
        random.seed(0)  # NW719
        return self.pictures[index] * random.choice((-1, 1))


pictures = torch.zeros(64, 8)
first = DataLoader(Noisy(pictures), 8, True, num_workers=4, worker_init_fn=same)  # NW719
second = DataLoader(
    Flipped(pictures),
    num_workers=4,
    worker_init_fn=lambda _: torch.manual_seed(0),  # NW719
)
