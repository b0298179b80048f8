"""The formats by name, and where each is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Optional

from tui.report.sink import EncodedSink

if TYPE_CHECKING:
    from tui.forensics.examination import Examination


@dataclass(frozen=True)
class Screen:
    """What is known of the terminal, or of the lack of one, that a table is written for."""

    width: int
    color: bool
    encoding: str


def write_scan(examination: Examination, format_name: str, stream: BinaryIO, screen: Screen, paths: bool) -> None:
    """Write a final examination to ``stream`` in one of ``tui.report.FORMATS`` and flush it.

    json, jsonl and csv are UTF-8 whatever the terminal's encoding is; a table uses that encoding,
    with backslash escapes for what it has not. Raises OSError where the stream does.
    """
    sink = EncodedSink(stream)
    if format_name == "json":
        from tui.report import json_format

        json_format.write(examination, sink, paths)
    elif format_name == "jsonl":
        from tui.report import jsonl

        jsonl.write(examination, sink)
    elif format_name == "csv":
        from tui.report import csv_format

        csv_format.write(examination, sink)
    else:
        from tui.report import table

        sink = EncodedSink(stream, screen.encoding, "backslashreplace")
        table.write(examination, sink, paths, screen.width, screen.color)
    sink.flush()


def write_text(text: str, stream: BinaryIO, encoding: Optional[str]) -> None:
    """Write a text for people, as a table is written, and flush it. Raises OSError where the stream does."""
    sink = EncodedSink(stream, encoding or "utf-8", "backslashreplace")
    sink.write(text)
    sink.flush()
