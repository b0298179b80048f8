"""Instances to play deployments on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .building import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An instance with version 1 of the agent."""
    site = Site(tmp_path)
    yield site
    site.close()


@pytest.fixture
def site_2(tmp_path: Path) -> Iterator[Site]:
    """An instance with version 2 of the agent."""
    site = Site(tmp_path, version=2)
    yield site
    site.close()


@pytest.fixture(params=[1, 2])
def any_site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """Instances with either version, for what both do."""
    site = Site(tmp_path, version=request.param)
    yield site
    site.close()
