"""What lies below a place that could not be looked into is not called missing."""

from __future__ import annotations

from pathlib import Path

from tui.disk.inventory import Note
from tui.disk.source import open_source
from tui.fixtures import unpack
from tui.forensics.marker import Marker
from tui.forensics.marking import mark
from tui.forensics.marks import State
from tui.forensics.scan import read_instance, target_locations


def test_listed_paths_below_an_unreadable_directory_are_unverified(tmp_path: Path) -> None:
    sysroot = unpack("healthy", tmp_path)
    for path in (sysroot / "srv/shop/static").glob("*.css"):
        path.unlink()
    for path in (sysroot / "srv/shop").glob("wsgi.py"):
        path.unlink()
    root = open_source(str(sysroot))
    instance = read_instance(root)
    marker = Marker(root, instance)
    targets = target_locations(root, instance)
    *_, inventory = root.walk(targets.request)
    inventory.notes.append(Note("unreadable", "/srv/shop/static"))
    marked = mark(marker, inventory, targets, whole=True)
    states = {path: State(marked.examination.state[row]) for row, path in marked.inventory.paths()}
    assert states["/srv/shop/static/app.css"] == State.UNVERIFIED
    assert states["/srv/shop/wsgi.py"] == State.MISSING
