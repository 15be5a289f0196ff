"""The corpus is read once, before the first test that asks for a verdict; only the causes that were asked for."""

from collections.abc import Mapping

import pytest

from tests.hostile.causes import Cause
from tests.hostile.court import Court, Verdict


@pytest.fixture(scope="session")
def verdicts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Verdict]]:
    """The verdicts on every cause that a test of this run asks for."""
    asked = [value for item in request.session.items for value in _params(item) if isinstance(value, Cause)]
    return Court(tmp_path_factory.mktemp("hostile")).verdicts(asked)


def _params(item: pytest.Item) -> list[object]:
    spec = getattr(item, "callspec", None)
    return list(spec.params.values()) if spec else []
