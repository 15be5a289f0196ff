"""Fixtures of the tests marked `real`: each starts a real server once, or says what this machine lacks."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.wordpress import WordPressServer, missing, running_wordpress


@pytest.fixture(scope="session")
def wordpress() -> Iterator[WordPressServer]:
    """A real WordPress, empty but for what its installer writes; the tests of a run share it."""
    yield from _wordpress()


@pytest.fixture
def own_wordpress() -> Iterator[WordPressServer]:
    """A real WordPress for one test, which may strike it."""
    yield from _wordpress()


def _wordpress() -> Iterator[WordPressServer]:
    lacks = missing()
    if lacks:
        reason = f"no WordPress here: {', '.join(lacks)} (as root on Debian: .ci/install-servers)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with (
        tempfile.TemporaryDirectory(prefix="wordpress-", ignore_cleanup_errors=True) as folder,
        running_wordpress(Path(folder)) as server,
    ):
        yield server
