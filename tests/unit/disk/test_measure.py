"""Counting what lies below directories, in a second process and without one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import DirectoryRoot
from tui.disk import measure
from tui.disk.root import Root


@pytest.fixture
def root(top: Path) -> Iterator[Root]:
    (top / "a" / "b").mkdir(parents=True)
    (top / "a" / "one").write_bytes(b"x" * 10)
    (top / "a" / "b" / "two").write_bytes(b"y" * 100)
    (top / "empty").mkdir()
    with DirectoryRoot(str(top)) as opened:
        yield opened


@pytest.mark.parametrize("alone", [True, False])
def test_files_and_bytes_below_each(root: Root, monkeypatch: pytest.MonkeyPatch, alone: bool) -> None:
    if alone:
        monkeypatch.setattr(measure, "may_fork", lambda: False)
    measurement = root.measure(["/a", "/empty", "/not-there"])
    try:
        for _ in measurement.finish(lambda: False):
            pass
    finally:
        measurement.close()
    assert measurement.sizes["/a"] == (2, 110)
    assert measurement.sizes["/empty"] == (0, 0)
    assert measurement.sizes.get("/not-there", (0, 0)) == (0, 0)


def test_a_second_process_that_fails_is_made_up_for(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure.Measurement, "_in_child", lambda self: 1 / 0)
    measurement = root.measure(["/a"])
    for _ in measurement.finish(lambda: False):
        pass
    measurement.close()
    assert measurement.sizes == {"/a": (2, 110)}


def test_what_is_cancelled_has_no_size(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "may_fork", lambda: False)
    measurement = root.measure(["/a"])
    assert list(measurement.finish(lambda: True)) == []
    assert measurement.sizes == {}
    measurement.close()
