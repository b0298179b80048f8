"""A preview in the formats by name."""

from __future__ import annotations

from typing import BinaryIO

from tui.agent.records import Instance
from tui.preview.records import Preview
from tui.report.output import Screen
from tui.report.sink import EncodedSink


def write_preview(
    preview: Preview, instance: Instance, format_name: str, stream: BinaryIO, screen: Screen, paths: bool = False
) -> None:
    """Write a preview to ``stream`` in one of ``tui.report.FORMATS`` and flush it.

    json, jsonl and csv are UTF-8 whatever the terminal's encoding is; a table uses that encoding, with
    backslash escapes for what it has not, and cuts long sections unless ``paths`` is set. Raises OSError
    where the stream does.
    """
    sink = EncodedSink(stream)
    if format_name == "json":
        from tui.report import preview_document

        preview_document.write(preview, instance, sink)
    elif format_name == "jsonl":
        from tui.report import preview_jsonl

        preview_jsonl.write(preview, instance, sink)
    elif format_name == "csv":
        from tui.report import preview_csv

        preview_csv.write(preview, instance, sink)
    else:
        from tui.report import preview_table

        sink = EncodedSink(stream, screen.encoding, "backslashreplace")
        preview_table.write(preview, instance, sink, paths, screen.width, screen.color)
    sink.flush()
