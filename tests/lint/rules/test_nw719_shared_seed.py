"""NW719: seeds and generators that every worker shares."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from programs import script

HEAD = "import random\nimport numpy as np\nimport torch\nfrom torch.utils.data import DataLoader, Dataset\n"
ITEMS = """class D(Dataset):
    def __init__(self):
        {start}
    def __getitem__(self, i):
        {item}
"""


class Draws(Dataset):
    """Eight random numbers, from torch and from a generator of its own."""

    def __init__(self):
        self.rng = np.random.default_rng(0)

    def __len__(self):
        return 8

    def __getitem__(self, index):
        return torch.rand(()).item(), self.rng.random()


def drawn(**options):
    """The numbers that two workers draw, in the order of the items."""
    loader = DataLoader(Draws(), batch_size=None, num_workers=2, **options)
    both = [(first.item() if torch.is_tensor(first) else first, second) for first, second in loader]
    return [first for first, _ in both], [float(second) for _, second in both]


def same(_):
    torch.manual_seed(0)


def test_torch_gives_each_worker_a_seed_of_its_own_and_a_copy_of_the_data_set():
    numbers, copied = drawn()
    assert numbers[::2] != numbers[1::2]
    assert copied[::2] == copied[1::2]


def test_a_seed_that_ignores_the_worker_makes_workers_and_epochs_repeat_each_other():
    numbers, _ = drawn(worker_init_fn=same)
    assert numbers[::2] == numbers[1::2]
    assert numbers == drawn(worker_init_fn=same)[0]


@pytest.mark.parametrize(
    "seed",
    [
        "torch.initial_seed() % 2**32",
        "worker + 1",
        "base + worker",
        "int(torch.empty((), dtype=torch.int64).random_())",
    ],
)
def test_a_seed_that_may_differ_says_nothing(seed):
    own = f"def own(worker, base=3):\n    np.random.seed({seed})\n"
    assert script(f"{HEAD}{own}DataLoader(d, num_workers=2, worker_init_fn=own)\n", "NW719") == []


@pytest.mark.parametrize(
    "seed", ["torch.manual_seed(0)", "np.random.seed(S)", "set_seed(S)", "random.seed(o.seed)"]
)
def test_a_seed_of_the_whole_program_is_found_at_the_loader(seed):
    text = f"S = 3\ndef own(worker):\n    {seed}\nDataLoader(d, num_workers=n, worker_init_fn=own)\n"
    assert script(HEAD + text, "NW719") == [8]


@pytest.mark.parametrize("workers", ["", ", num_workers=0"])
def test_a_loader_without_workers_says_nothing(workers):
    loader = f"DataLoader(D(){workers}, worker_init_fn=lambda _: torch.manual_seed(0))\n"
    items = ITEMS.format(start="self.rng = random.Random(0)", item="return self.rng.random()")
    assert script(HEAD + items + loader, "NW719") == []


@pytest.mark.parametrize(
    ("start", "item", "found"),
    [
        ("self.rng = random.Random(0)", "return self.rng.random()", [7]),
        ("self.rng = torch.Generator().manual_seed(0)", "return torch.rand(1, generator=self.rng)", [7]),
        ("self.rng = random.Random(0)", "return i", []),
        ("self.rng = random.Random(0)", "self.rng.seed(i); return self.rng.random()", []),
        ("self.rng = random.Random(0)", "self.rng = random.Random(i); return self.rng.random()", []),
        ("self.rng = make()", "return self.rng.random()", []),
        ("pass", "np.random.seed(3); return np.random.rand()", [9]),
        ("pass", "np.random.seed(i); return np.random.rand()", []),
        ("pass", "np.random.seed(self.seeds[i]); return np.random.rand()", []),
    ],
)
def test_the_generators_and_seeds_of_a_data_set(start, item, found):
    assert script(HEAD + ITEMS.format(start=start, item=item), "NW719") == found


@pytest.mark.parametrize(
    "other",
    [
        "def own(worker):\n    torch.utils.data.get_worker_info().dataset.rng.seed(worker)\n",
        "from seeds import own\nDataLoader(D(), num_workers=2, worker_init_fn=own)\n",
    ],
)
def test_a_file_that_may_reach_the_copies_says_nothing(other):
    items = ITEMS.format(start="self.rng = random.Random(0)", item="return self.rng.random()")
    assert script(HEAD + items + other, "NW719") == []
