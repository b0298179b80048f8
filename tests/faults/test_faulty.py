"""The calls that fail do fail, where and how they were told to; all others are the real ones."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from tests.faults.faulty import AFTER, BEFORE, Faulty, Killed
from tui.cleanup.calls import real_calls


def test_counts_and_passes_on(tmp_path: Path) -> None:
    calls = Faulty(real_calls())
    top = calls.open_top(str(tmp_path))
    calls.mkdir("a", top)
    calls.close(top)
    assert calls.made == ["open_top", "mkdir"]
    assert (tmp_path / "a").is_dir()


@pytest.mark.parametrize(("mode", "made"), [(BEFORE, False), (AFTER, True)])
def test_ends_the_process(tmp_path: Path, mode: str, made: bool) -> None:
    calls = Faulty(real_calls(), 1, mode)
    top = calls.open_top(str(tmp_path))
    with pytest.raises(Killed):
        calls.mkdir("a", top)
    assert (tmp_path / "a").exists() == made
    with pytest.raises(Killed):  # nothing works any more
        calls.mkdir("b", top)
    assert not (tmp_path / "b").exists()
    calls.close(top)


def test_fails_once(tmp_path: Path) -> None:
    calls = Faulty(real_calls(), 1, errno.EROFS)
    top = calls.open_top(str(tmp_path))
    with pytest.raises(OSError, match=os.strerror(errno.EROFS)):
        calls.mkdir("a", top)
    calls.mkdir("a", top)
    calls.close(top)


@pytest.mark.parametrize(("number", "text"), [(errno.ENOSPC, "disk is full"), (errno.EIO, "disk I/O error")])
def test_statements_are_calls(tmp_path: Path, number: int, text: str) -> None:
    calls = Faulty(real_calls(), 2, number)
    db = calls.database(str(tmp_path / "x.db"), False)
    db.execute("BEGIN")
    with pytest.raises(sqlite3.OperationalError, match=text):
        db.execute("CREATE TABLE t (a)")
    db.close()
    assert calls.made == ["database", "sql BEGIN", "sql CREATE"]
