"""What an undo or a recovery did, in every format: counts first, then conflicts and failures, each with its reason."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Callable

from tui import windows_paths
from tui.cleanup.records import Did, Result, StepResult
from tui.paths import showable
from tui.report.clean_rows import not_come_to
from tui.report.csv_format import cells_for
from tui.report.output import Screen
from tui.report.preview_members import Items, member, number, object_of, pieces
from tui.report.sink import EncodedSink, Sink
from tui.report.text import binary_size, counted, exact, sentence

SCHEMAS = {"undo": "codedeploy-forensics/undo/1", "recover": "codedeploy-forensics/recover/1"}
_LISTS = {
    "put_back": (Did.PUT_BACK,), "done": (Did.MOVED, Did.DELETED, Did.RESTORED), "conflicts": (Did.CONFLICT,),
    "failed": (Did.FAILED,), "skipped": (Did.SKIPPED,), "pending": (Did.PENDING,), "purged": (Did.PURGED,),
}  # fmt: skip
_WRONG = (Did.CONFLICT, Did.FAILED, Did.SKIPPED)


@dataclass(frozen=True)
class Undone:
    """``dry_run``: what is pending would be done, nothing was. ``command``: undo or recover."""

    command: str
    source: str
    result: Result
    seconds: float = 0.0
    dry_run: bool = False


def write_undone(undone: Undone, windows: bool, format_name: str, stream: BinaryIO, screen: Screen) -> None:
    """Write it to ``stream`` in one of ``tui.report.FORMATS`` and flush it. Raises OSError where the stream does."""
    native = windows_paths.native if windows else str
    sink = EncodedSink(stream)
    if format_name == "json":
        for piece in pieces(_document(undone, native)):
            sink.write(piece)
        sink.write("\n")
    elif format_name == "jsonl":
        for line in _objects(undone.result.results, native):
            sink.write(line + "\n")
    elif format_name == "csv":
        cell = cells_for(windows)
        writer = csv.writer(sink, lineterminator="\r\n")
        writer.writerow(("path", "result", "reason"))
        for one in undone.result.results:
            writer.writerow((cell(native(one.path)), one.did.value, cell(sentence(one.reason))))
    else:
        sink = EncodedSink(stream, screen.encoding, "backslashreplace")
        _table(undone, windows, sink, screen)
    sink.flush()


def _document(undone: Undone, native: Callable[[str], str]) -> dict[str, Any]:
    result = undone.result
    lists = {
        name: Items(lambda kinds=kinds: _objects(result.of(*kinds), native))  # type: ignore[misc]
        for name, kinds in _LISTS.items()
    }
    return {
        "schema": SCHEMAS[undone.command],
        **exact("source", undone.source),
        "id": result.id,
        "state": result.state.value,
        "dry_run": undone.dry_run,
        **lists,
        "bytes": result.bytes,
    }


def _objects(results: Iterable[StepResult], native: Callable[[str], str]) -> Iterator[str]:
    for one in results:
        reason = member("reason", sentence(one.reason)) if one.reason else ""
        yield object_of(
            number("number", one.number), member("path", native(one.path)), member("result", one.did.value), reason
        )


def _table(undone: Undone, windows: bool, sink: Sink, screen: Screen) -> None:
    from tui.report.clean_table import console_of, left_alone
    from tui.report.preview_page import INDENT, Page

    say = windows_paths.showable_windows if windows else showable
    shown = windows_paths.showable_path if windows else showable
    page = Page(sink, console_of(sink, screen.width, screen.color), screen.color, True)
    result = undone.result
    wrong = [one for one in result.of(*_WRONG) if not not_come_to(one)]
    state = "would be put back, nothing is changed" if undone.dry_run else result.state.value
    page.folded(say(f"{undone.source}: cleanup {result.id}, {state}"), "bold red" if wrong else "bold")
    words = {
        Did.PENDING: "would be put back" if undone.dry_run else "not come to yet", Did.PUT_BACK: "put back",
        Did.MOVED: "in quarantine", Did.RESTORED: "put right", Did.DELETED: "deleted for good",
        Did.CONFLICT: "in conflict", Did.FAILED: "failed", Did.PURGED: "purged before",
    }  # fmt: skip
    for did, word in words.items():
        count = len(result.of(did))
        if count:
            page.folded(f"{counted(count, 'path')} {word}", indent=INDENT)
    for line in left_alone(result.results):
        page.folded(say(line), indent=INDENT)
    time = "" if undone.dry_run else f" in {undone.seconds:.1f} s"
    page.folded(f"{binary_size(result.bytes)} of {counted(len(result.results), 'path')}{time}", indent=INDENT)
    but = [one for one in result.of(Did.PUT_BACK) if one.reason]
    page.section("Put back, but", but, lambda one: page.item(shown(one.path), say(one.reason)))
    page.section("Not done", wrong, lambda one: page.item(shown(one.path), say(f"{one.did.value}: {one.reason}")))
    if undone.dry_run:
        left = result.of(Did.PENDING)
        page.section("Put back", left, lambda one: page.line(shown(one.path), indent=INDENT))
