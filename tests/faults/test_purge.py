"""A purge, ended and made to fail at every call: what is left can be put back or purged, the journal tells the rest."""

from __future__ import annotations

import contextlib
import errno
import os
from functools import partial
from pathlib import Path
from typing import Callable

import pytest

from tests.faults.faulty import AFTER, BEFORE
from tests.faults.runs import STATE, TERMS, clean, faulted, quiet
from tests.faults.trees import build, picture, plan_for, remove
from tui.cleanup.calls import Calls
from tui.cleanup.history import entries, steps_of
from tui.cleanup.purge import purge
from tui.cleanup.records import Did, State
from tui.cleanup.state_dir import CleanupError, open_site
from tui.cleanup.undo import undo

ERRORS = (errno.EIO, errno.EACCES, errno.ENOSPC)


def purged(calls: Calls, top: Path, key: str) -> None:
    with open_site(calls, {"": str(top)}, STATE) as site:
        list(purge(site, TERMS, keys=[key]))


@pytest.mark.parametrize("share", range(2))
def test_every_call(tmp_path: Path, share: int, record_property: Callable[[str, object], None]) -> None:
    first = tmp_path / "first"
    first.mkdir()
    build(first)
    calls = quiet()
    purged(calls, first, clean(quiet(), first, plan_for(first)).id)
    tried = 0
    for at in range(share, len(calls.made), 2):
        for mode in (BEFORE, AFTER, ERRORS[at // 2 % len(ERRORS)]):
            top = tmp_path / "again"
            top.mkdir()
            build(top)
            before = picture(top, b"/srv")
            key = clean(quiet(), top, plan_for(top)).id
            faulted(partial(purged, top=top, key=key), at, mode)
            check(top, key, (at, mode, calls.made[at]), mode in (BEFORE, AFTER), before)
            tried += 1
            remove(top)
    record_property("tried", tried)


def check(top: Path, key: str, where: object, killed: bool, before: dict[bytes, object]) -> None:
    """What the journal says holds, and an undo puts all back that is left."""
    left = held(top)
    with open_site(quiet(), {"": str(top)}, STATE) as site:
        for step in steps_of(site, key):
            there = step.path.encode(errors="surrogateescape") in left
            if step.did is Did.PURGED and not step.held:
                assert not there, where
            elif there:
                assert step.held, where
            if step.did is Did.PURGED and step.held:
                assert killed or "may still lie" in step.reason, where
        told = {entry.id: entry.state for entry in entries(site)}[key]
        assert not left or told is not State.PURGED, where
        gone = set()
        with contextlib.suppress(CleanupError):
            *_, result = undo(site, TERMS, key)
            assert not result.of(Did.FAILED, Did.CONFLICT), (where, result.of(Did.FAILED, Did.CONFLICT))
            gone = {one.path for one in result.of(Did.PURGED)}
    assert not held(top), where
    after = picture(top, b"/srv")
    for path in left:
        assert after[path][:5] == before[path][:5], where  # type: ignore[index]
        assert os.fsdecode(path) not in gone, where


def held(top: Path) -> set[bytes]:
    """The paths of what is in quarantine, directories left out."""
    quarantine = os.fsencode(top / STATE[1:] / "quarantine")
    found = set()
    for place, _, names in os.walk(quarantine):
        inside = place[len(quarantine) + 1 :].partition(b"/")[2]
        found |= {b"/" + inside + b"/" + name for name in names}
    return found
