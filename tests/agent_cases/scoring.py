"""What each path of a case should be, from what really happened to it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tui.disk.source import open_source
from tui.forensics.examination import Examination
from tui.forensics.marks import Mark, State
from tui.forensics.scan import Snapshot, scan

STRIPPED = " \t\n\v\f\r\0"
INSTRUCTIONS = "opt/codedeploy-agent/deployment-root/deployment-instructions"


def examined(sysroot: Path) -> Examination:
    """The last word of a scan of the instance below ``sysroot``."""
    last = None
    for event in scan(open_source(str(sysroot))):
        if isinstance(event, Snapshot):
            last = event.examination
    assert last is not None and last.final
    return last


def given_marks(examination: Examination) -> dict[str, tuple[str, str | None]]:
    """Path -> mark and state of all that a scan lists."""
    return {
        path: (Mark(examination.mark[row]).label, State(examination.state[row]).label)
        for row, path in examination.inventory.paths()
    }


def listed(truth: dict[str, Any]) -> set[str]:
    """The paths that the case's cleanup files name, as the agent reads them."""
    return {line.strip(STRIPPED) for lines in truth["cleanup"].values() for line in lines}


def true_mark(path: str, maker: str, deployed: set[str]) -> str:
    """The mark a path should have, by who last made it."""
    if path in deployed:
        return "deployed"
    if maker.startswith("agent:"):
        return "orphaned"
    return "script-created" if maker.startswith("rev") else "unattributed"


def true_marks(truth: dict[str, Any]) -> dict[str, str]:
    """Path -> mark of all on disk below the destinations, and of what is deployed elsewhere.

    A destination itself is left out, since nothing on disk tells who made it, unless it is deployed.
    """
    deployed = listed(truth)
    destinations = tuple(d.rstrip("/") + "/" for group in truth["groups"] for d in group["dests"])
    marks = {}
    for path in truth["tree"]:
        maker = truth["maker"].get(path)
        if maker is None and path not in deployed:
            continue
        mark = true_mark(path, maker or "", deployed)
        if mark == "deployed" or path.startswith(destinations):
            marks[path] = mark
    return marks


def really(sysroot: Path, path: str) -> str:
    """Where a path of the instance is, the links on the way to it followed inside the instance."""
    done: list[str] = []
    pending = [part for part in reversed(path.split("/")) if part]
    links = 0
    while pending:
        part = pending.pop()
        if part == "..":
            del done[-1:]
            continue
        place = os.path.join(sysroot, *done, part)
        if os.path.islink(place) and pending and links < 40:
            links += 1
            target = os.readlink(place)
            if target.startswith("/"):
                done.clear()
            pending += [step for step in reversed(target.split("/")) if step not in ("", ".")]
        else:
            done.append(part)
    return "/" + "/".join(done)


def truly_deployed(sysroot: Path, truth: dict[str, Any]) -> set[str]:
    """The places, links followed as the agent follows them, of all that the cleanup files name."""
    return {really(sysroot, path) for path in listed(truth) if path.startswith("/")}


def truly_missing(sysroot: Path, truth: dict[str, Any]) -> set[str]:
    """Of those the ones with nothing there."""
    return {path for path in truly_deployed(sysroot, truth) if not os.path.lexists(f"{sysroot}{path}")}


def through_links(sysroot: Path, truth: dict[str, Any]) -> set[str]:
    """Listed paths that a link leads elsewhere: at the path itself, as it is written, there is nothing."""
    return {path for path in listed(truth) if path.startswith("/") and really(sysroot, path) != path}


def true_states(sysroot: Path, truth: dict[str, Any]) -> dict[str, str]:
    """Place -> state of what the last Install event copied and the cleanup file names."""
    return {
        really(sysroot, destination): _compared(f"{sysroot}{source}", f"{sysroot}{really(sysroot, destination)}")
        for source, destination in _copies(sysroot, truth)
    }


def _copies(sysroot: Path, truth: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for group in truth["groups"]:
        plan = sysroot / INSTRUCTIONS / f"{group['id']}-install.json"
        lines = {line.strip(STRIPPED) for line in truth["cleanup"].get(group["id"], ())}
        if not lines or not plan.exists():
            continue
        for instruction in json.loads(plan.read_text(encoding="utf-8"))["instructions"]:
            if instruction["type"] == "copy" and instruction["destination"] in lines:
                yield instruction["source"], instruction["destination"]


def _compared(source: str, there: str) -> str:
    if not os.path.lexists(there):
        return "missing"
    if not os.path.lexists(source):
        return "unverified"
    if os.path.islink(source) != os.path.islink(there) or (os.path.isdir(there) and not os.path.islink(there)):
        return "replaced"
    if os.path.islink(source):
        return "intact" if os.readlink(source) == os.readlink(there) else "modified"
    return "intact" if Path(source).read_bytes() == Path(there).read_bytes() else "modified"
