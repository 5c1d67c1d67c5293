"""What holds for every test."""

import os

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_trust_store(tmp_path_factory: pytest.TempPathFactory):
    """Training in a test must not make the user's machine trust the test's files."""
    os.environ["NETWRIGHT_TRUST"] = str(tmp_path_factory.mktemp("trust"))
    yield
    del os.environ["NETWRIGHT_TRUST"]
