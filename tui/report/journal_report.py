"""The journal in every format: cleanups, the last one first; one of them with its paths; what a purge freed."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, BinaryIO, Callable, Optional

from tui import windows_paths
from tui.cleanup.records import Entry, StepResult
from tui.paths import showable
from tui.report.csv_format import cells_for
from tui.report.output import Screen
from tui.report.preview_members import Items, member, number, object_of, pieces
from tui.report.sink import EncodedSink, Sink
from tui.report.text import binary_size, counted, exact, exact_list, grouped, sentence

SCHEMA = "codedeploy-forensics/journal/1"
PURGE_SCHEMA = "codedeploy-forensics/purge/1"
_COLUMNS = (
    "id", "state", "started", "ended", "who", "host", "version", "chosen_by", "reason", "plan_hash", "steps", "done",
    "bytes",
)  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """Cleanups, and where one was asked for what became of its steps. ``unlisted``: quarantine of no entry."""

    place: str  # the state directory
    entries: Sequence[Entry]
    steps: Optional[Sequence[StepResult]] = None
    unlisted: Sequence[str] = ()


def write_journal(listed: Listed, windows: bool, format_name: str, stream: BinaryIO, screen: Screen) -> None:
    """Write it to ``stream`` in one of ``tui.report.FORMATS`` and flush it. Raises OSError where the stream does."""
    native = windows_paths.native if windows else str
    sink = EncodedSink(stream)
    if format_name == "json":
        for piece in pieces(_document(listed, native)):
            sink.write(piece)
        sink.write("\n")
    elif format_name == "jsonl":
        lines = _entries(listed.entries) if listed.steps is None else _steps(listed.steps, native)
        for line in lines:
            sink.write(line + "\n")
    elif format_name == "csv":
        _csv(listed, windows, native, sink)
    else:
        sink = EncodedSink(stream, screen.encoding, "backslashreplace")
        _table(listed, windows, sink, screen)
    sink.flush()


def write_purged(source: str, ids: Sequence[str], left: Sequence[tuple[str, str]], size: int, stream: BinaryIO) -> None:
    """Write what a purge freed as JSON and flush it. Raises OSError where the stream does."""
    document = {
        "schema": PURGE_SCHEMA,
        **exact("source", source),
        "purged": list(ids),
        "left": [{"id": key, "reason": sentence(reason)} for key, reason in left],
        "bytes": size,
    }
    sink = EncodedSink(stream)
    sink.write(json.dumps(document, indent=2, allow_nan=False) + "\n")
    sink.flush()


def time_of(seconds: Optional[float]) -> str:
    """A time in UTC, for people."""
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%d %H:%M:%S}Z"


def _values(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.id, entry.state.value, entry.started, entry.ended, sentence(entry.who), sentence(entry.host), entry.tool,
        sentence(entry.chosen_by), sentence(entry.reason), entry.plan_hash, entry.steps, entry.done, entry.bytes,
    )  # fmt: skip


def _document(listed: Listed, native: Callable[[str], str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "schema": SCHEMA,
        **exact("state_dir", listed.place),
        "cleanups": Items(lambda: _entries(listed.entries)),
        "unlisted": list(listed.unlisted),
    }
    if listed.steps is not None:
        found["steps"] = Items(lambda: _steps(listed.steps or (), native))
    return found


def _entries(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        values = dict(zip(_COLUMNS, _values(entry)))
        yield json.dumps({**values, **exact_list("quarantine", list(entry.quarantine))}, allow_nan=False)


def _steps(steps: Sequence[StepResult], native: Callable[[str], str]) -> Iterator[str]:
    for one in steps:
        reason = member("reason", sentence(one.reason)) if one.reason else ""
        yield object_of(
            number("number", one.number), member("path", native(one.path)), member("result", one.did.value), reason
        )


def _csv(listed: Listed, windows: bool, native: Callable[[str], str], sink: Sink) -> None:
    cell = cells_for(windows)
    writer = csv.writer(sink, lineterminator="\r\n")
    if listed.steps is not None:
        writer.writerow(("number", "path", "result", "reason"))
        for one in listed.steps:
            writer.writerow((one.number, cell(native(one.path)), one.did.value, cell(sentence(one.reason))))
        return
    writer.writerow(_COLUMNS)
    for entry in listed.entries:
        writer.writerow([cell(value) if isinstance(value, str) else value for value in _values(entry)])


def _table(listed: Listed, windows: bool, sink: Sink, screen: Screen) -> None:
    from tui.report.clean_table import console_of
    from tui.report.preview_page import INDENT, Page

    say = windows_paths.showable_windows if windows else showable
    shown = windows_paths.showable_path if windows else showable
    page = Page(sink, console_of(sink, screen.width, screen.color), screen.color, True)
    if not listed.entries:
        page.folded(say(f"{listed.place}: no cleanup was carried out here"), "bold")
    for number_of, entry in enumerate(listed.entries):
        if number_of:
            page.line()
        page.folded(f"{entry.id}  {entry.state.value}", "bold")
        counts = f"{grouped(entry.done)} of {counted(entry.steps, 'path')}, {binary_size(entry.bytes)}"
        page.folded(say(f"{time_of(entry.started)}, {entry.who} on {entry.host}: {counts}"), indent=INDENT)
        page.folded(say(entry.chosen_by + (f" - {entry.reason}" if entry.reason else "")), indent=INDENT)
    if listed.steps is not None:
        _shown_steps(listed, page, say, shown)
    if listed.unlisted:
        page.line()
        page.folded(f"In quarantine, and in no entry of the journal: {', '.join(listed.unlisted)}", "bold yellow")


def _shown_steps(listed: Listed, page: Any, say: Callable[[str], str], shown: Callable[[str], str]) -> None:
    (entry,) = listed.entries
    page.folded(say(f"version {entry.tool}, plan {entry.plan_hash}"), indent="  ")
    for place in entry.quarantine:
        page.line(f"quarantine {shown(place)}", indent="  ")
    page.line()
    for one in listed.steps or ():
        page.line(f"{one.did.value:<9} {shown(one.path)}{say(f': {one.reason}') if one.reason else ''}", indent="  ")
