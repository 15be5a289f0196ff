"""Fixtures that the tests of every kind share."""

from collections.abc import Iterator

import pytest

from channels.http import Client
from sandbox.client import Sandbox


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A running sandbox. All tests share it: each keeps to places of its own, see `kinds.unique`."""
    with Sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="session")
def http() -> Iterator[Client]:
    """The real client, with a short deadline for servers that hang."""
    with Client(deadline=1.0) as client:
        yield client
