"""A picture of a preview: what words cannot tell, colours and places."""

from __future__ import annotations

import os
from typing import Any

import pytest
import textual
from textual.pilot import Pilot

from .drive import press, settled
from .previews import example, played
from .test_pictures import TAKEN_WITH

pytestmark = [
    pytest.mark.skipif(textual.__version__ != TAKEN_WITH, reason=f"pictures were taken with Textual {TAKEN_WITH}"),
    pytest.mark.skipif(os.name == "nt", reason="pictures were taken on Linux"),
]


async def to_the_failed_one(pilot: Pilot[str]) -> None:
    await settled(pilot)
    await press(pilot, "p")
    await played(pilot)
    await press(pilot, "r", "down", "enter")
    await played(pilot)
    await pilot.pause()


def test_a_failing_deployment_at_80_by_24(snap_compare: Any) -> None:
    with example("failed-disallow") as of:
        of.root.label = "failed-disallow (example)"
        assert snap_compare(of.app(), terminal_size=(80, 24), run_before=to_the_failed_one)
