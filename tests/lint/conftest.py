"""What the tests of lint share. The programs are faulty on purpose: they are checked, never collected."""

from collections.abc import Iterator

import pytest
import torch

collect_ignore_glob = ["programs/*", "rules/programs/*"]


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Use one thread for the small networks here; several spend their time waiting for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
