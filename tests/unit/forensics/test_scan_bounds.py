"""What a scan does once only, what it keeps for the next path, and where it stops."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.agent.instance import read_instance
from tui.agent.scripts_log import read_scripts_log
from tui.disk.root import WalkRequest
from tui.disk.source import open_source
from tui.fixtures import unpack
from tui.forensics import scan as scanning
from tui.forensics import targets as targeting
from tui.forensics.marker import Marker
from tui.forensics.marking import mark
from tui.forensics.scan import Records, ScanOptions, Snapshot, scan
from tui.forensics.scripts.shell_lexer import Lexer
from tui.forensics.scripts.values import MAX_TOKENS
from tui.forensics.targets import Targets, target_locations


def test_the_nearest_destination_owns_a_path_however_often_it_is_asked_for() -> None:
    targets = Targets(WalkRequest([], []), {"/srv": 0, "/srv/shop/static": 1})
    expected = {
        "/srv/shop/a": 0, "/srv/shop/static": 1, "/srv/shop/static/a": 1, "/srv/shop/static/b/c": 1, "/srv": 0,
        "/etc/a": None, "/": None,
    }  # fmt: skip
    for _ in range(2):
        assert {path: targets.owner(path) for path in expected} == expected


def test_owners_of_few_directories_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targeting, "_CACHED", 3)
    targets = Targets(WalkRequest([], []), {"/srv": 0})
    assert [targets.owner(f"/srv/{n}/a") for n in range(9)] == [0] * 9
    assert len(targets._known) == 3


def test_a_rows_path_is_the_same_in_whatever_order_it_is_asked_for(tmp_path: Path) -> None:
    root = open_source(str(unpack("healthy", tmp_path)))
    instance = read_instance(root)
    targets = target_locations(root, instance)
    *_, inventory = root.walk(targets.request)
    marked = mark(Marker(root, instance), inventory, targets, whole=True)
    for row in sorted(range(len(marked.inventory)), key=lambda row: (row % 7, -row)):
        assert marked._path(row) == marked.inventory.path(row)


def test_the_records_findings_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    real = scanning.record_findings
    monkeypatch.setattr(scanning, "record_findings", lambda *args: made.append(args) or real(*args))
    root = open_source(str(unpack("healthy", tmp_path)))
    assert sum(isinstance(event, Snapshot) for event in scan(root)) > 1
    assert len(made) == 1
    made.clear()
    assert list(scan(root, ScanOptions(snapshots=False)))
    assert not made


def test_a_scan_that_is_cancelled_while_records_are_read_shows_none(tmp_path: Path) -> None:
    root = open_source(str(unpack("healthy", tmp_path)))
    assert any(isinstance(event, Records) for event in scan(root))
    assert not any(isinstance(event, Records) for event in scan(root, cancelled=lambda: True))


def test_a_log_is_not_read_on_once_it_is_cancelled(tmp_path: Path) -> None:
    (tmp_path / "scripts.log").write_text("2026-03-02 09:11:00 Script - a.sh\n")
    root = open_source(str(tmp_path))
    whole = read_scripts_log(root, "/scripts.log", None)
    cut = read_scripts_log(root, "/scripts.log", None, lambda: True)
    assert whole is not None and whole.complete and len(whole.runs) == 1
    assert cut is not None and not cut.complete and not cut.runs


@pytest.mark.parametrize("piece", ["(", "{ ", "$((", "`", "<<", "<<A\n", "\"'", ";", "a "])
def test_a_long_script_has_a_bounded_number_of_tokens(piece: str) -> None:
    assert len(Lexer(piece * (300_000 // len(piece))).run()) <= MAX_TOKENS
