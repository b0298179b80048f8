"""What holds for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import pytest
from hypothesis import settings

from tests.shared import AT_END

# No test may depend on how fast the machine is, and a failure found once is to be found again.
# The Windows run, in Wine above all, takes several times as long for each example.
for name, examples in (("quick", 15), ("project", 15 if os.name == "nt" else 100)):
    settings.register_profile(name, deadline=None, derandomize=True, database=None, max_examples=examples)
settings.load_profile("project")
THOROUGH = ("damaged", "faults")  # below tests: minutes of scans and cleanups, which no second Python does otherwise


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Several processes get a stretch of neighbours each, which share what they unpack, and take from each other."""
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "worksteal"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is done once and not again on each Python and system."""
    top = Path(__file__).parent
    for item in items:
        if item.path.relative_to(top).parts[0] in THOROUGH:
            item.add_marker("thorough")


@pytest.fixture(scope="session", autouse=True)
def shared_trees() -> Iterator[None]:
    """What tests share is looked at and removed after the last one."""
    with AT_END:
        yield


def pytest_make_parametrize_id(config: pytest.Config, val: Any, argname: str) -> Optional[str]:
    """A short id for a long text: the running test's is put into the environment, which Windows keeps short."""
    return f"{val[:40]!r}..." if isinstance(val, (str, bytes)) and len(val) > 1000 else None
