import functools
import random

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


def own(worker_id):
    np.random.seed(torch.initial_seed() % 2**32)
    random.seed(worker_id + 1)


def own_from(base, worker_id):
    seed = base + worker_id
    np.random.seed(seed)


class Noisy(Dataset):
    def __init__(self, pictures, seed):
        self.pictures = pictures
        self.noise = torch.Generator()
        self.rng = np.random.default_rng(seed)
        self.order = np.random.default_rng(seed).permutation(len(pictures))
        self.drawn = np.random.default_rng(seed)
        self.shift = self.drawn.normal()

    def set_epoch(self, epoch):
        self.rng = np.random.default_rng(epoch)

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, index):
        self.noise.manual_seed(index)
        noise = torch.randn(1, generator=self.noise) + self.rng.normal()
        return self.pictures[self.order[index]] + noise + self.shift


class Sampled:
    def __init__(self):
        self.rng = random.Random(0)

    def __getitem__(self, index):
        return self.rng.random()


torch.manual_seed(0)
np.random.seed(0)
pictures = torch.zeros(64, 8)
first = DataLoader(Noisy(pictures, 0), num_workers=4, worker_init_fn=own)
second = DataLoader(pictures, num_workers=4, worker_init_fn=functools.partial(own_from, 7))
single = DataLoader(pictures, worker_init_fn=lambda _: torch.manual_seed(0))
