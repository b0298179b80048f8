"""A cleanup in the formats by name."""

from __future__ import annotations

from typing import BinaryIO

from tui.agent.records import Instance
from tui.report.clean_rows import Cleaned
from tui.report.output import Screen
from tui.report.sink import EncodedSink


def write_clean(
    cleaned: Cleaned, instance: Instance, format_name: str, stream: BinaryIO, screen: Screen, only_result: bool = False
) -> None:
    """Write a plan, and what became of it, to ``stream`` in one of ``tui.report.FORMATS`` and flush it.

    ``only_result``: the table's plan was shown before. Encodings are those of the other reports. Raises OSError
    where the stream does.
    """
    sink = EncodedSink(stream)
    if format_name == "json":
        from tui.report import clean_document

        clean_document.write(cleaned, instance, sink)
    elif format_name == "jsonl":
        from tui.report import clean_lines

        clean_lines.write_jsonl(cleaned, instance, sink)
    elif format_name == "csv":
        from tui.report import clean_lines

        clean_lines.write_csv(cleaned, instance, sink)
    else:
        from tui.report import clean_table

        sink = EncodedSink(stream, screen.encoding, "backslashreplace")
        clean_table.write(cleaned, instance, sink, screen.width, screen.color, only_result)
    sink.flush()
