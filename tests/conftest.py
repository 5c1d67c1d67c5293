"""What the tests of several folders share."""

import gc
import os
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from netwright.plugins import plugins

# Every run draws the same examples, and no test depends on how fast the machine is.
settings.register_profile(
    "house",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Give each worker of pytest-xdist, and what it starts, one thread of torch; the default is all cores."""
    if hasattr(config, "workerinput"):
        os.environ["OMP_NUM_THREADS"] = "1"
        import torch

        torch.set_num_threads(1)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the modules and the thousands of tests out of every garbage collection, now and later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def own_trust_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A trust store of the tests: what they train with must not be trusted on the user's machine later."""
    os.environ["NETWRIGHT_TRUST"] = str(tmp_path_factory.mktemp("trust"))
    yield
    del os.environ["NETWRIGHT_TRUST"]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """A function that installs a distribution of one module, with the given source and entry points."""

    def install(source: str, module: str = "acme_nets", **groups: str) -> None:
        monkeypatch.delitem(sys.modules, module, raising=False)
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / "acme_nets-1.2.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-nets\nVersion: 1.2\n")
        lines = [f"[netwright.{group}]\n{point}\n" for group, point in groups.items()]
        (info / "entry_points.txt").write_text("\n".join(lines))

    plugins.cache_clear()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield install
    plugins.cache_clear()


@pytest.fixture
def workers_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let studies train specs inside this process."""
    import in_process  # it imports torch, which the process that distributes the tests does without

    monkeypatch.setattr("netwright.study.compare.serve", in_process.serve)
