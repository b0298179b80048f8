"""Two pictures: what words cannot tell of the screens, colours and places."""

from __future__ import annotations

import os
from collections.abc import Awaitable
from typing import Any, Callable

import pytest
import textual
from textual.pilot import Pilot

from .build import shop
from .drive import app_on, finished, press, settled

TAKEN_WITH = "8.2.8"
pytestmark = [
    pytest.mark.skipif(textual.__version__ != TAKEN_WITH, reason=f"pictures were taken with Textual {TAKEN_WITH}"),
    pytest.mark.skipif(os.name == "nt", reason="pictures were taken on Linux"),
]


def keys(*pressed: str) -> Callable[[Pilot[str]], Awaitable[None]]:
    """Wait for the scan, then press keys."""

    async def before(pilot: Pilot[str]) -> None:
        await settled(pilot)
        await press(pilot, *pressed)
        await pilot.pause()

    return before


def test_the_instance_at_80_by_24(snap_compare: Any) -> None:
    assert snap_compare(app_on(finished(shop())), terminal_size=(80, 24), run_before=keys())


def test_the_files_at_120_by_30(snap_compare: Any) -> None:
    assert snap_compare(app_on(finished(shop())), terminal_size=(120, 30), run_before=keys("f", "*", *["down"] * 9))
