"""What holds for all tests."""

from __future__ import annotations

import os
from typing import Any, Optional

import pytest
from hypothesis import settings

# No test may depend on how fast the machine is, and a failure found once is to be found again.
# The Windows run, in Wine above all, takes several times as long for each example.
settings.register_profile(
    "project", deadline=None, derandomize=True, database=None, max_examples=15 if os.name == "nt" else 100
)
settings.load_profile("project")


def pytest_make_parametrize_id(config: pytest.Config, val: Any, argname: str) -> Optional[str]:
    """A short id for a long text: the running test's is put into the environment, which Windows keeps short."""
    return f"{val[:40]!r}..." if isinstance(val, (str, bytes)) and len(val) > 1000 else None
