"""The instances, unpacked once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui import fixtures

from .instances import prepare


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """The roots of instances, to copy and never to change."""
    top = tmp_path_factory.mktemp("whole")
    yield prepare(top)
    fixtures.remove(top)
