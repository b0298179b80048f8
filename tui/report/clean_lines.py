"""A cleanup as JSON lines and as CSV: a row a warning, a refusal, a step, by the rules of the other reports."""

from __future__ import annotations

import csv
from typing import Any

from tui.agent.records import Instance
from tui.report.clean_rows import Cleaned, CleanRow, clean_rows
from tui.report.csv_format import cells_of
from tui.report.preview_members import member, number, object_of
from tui.report.sink import Sink


def write_jsonl(cleaned: Cleaned, instance: Instance, sink: Sink) -> None:
    """Write the object of every row, each on a line of its own; members that do not concern it are left out."""
    for row in clean_rows(cleaned, instance):
        rest = [_member(name, value) for name, value in zip(row._fields[1:], row[1:]) if value is not None]
        sink.write(object_of(member("path", row.path), *rest) + "\n")


def write_csv(cleaned: Cleaned, instance: Instance, sink: Sink) -> None:
    """Write the header, then every row."""
    cell = cells_of(instance)
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(CleanRow._fields)
    for row in clean_rows(cleaned, instance):
        writer.writerow([cell(value) if isinstance(value, str) else value for value in row])


def _member(name: str, value: Any) -> str:
    return member(name, value) if isinstance(value, str) else number(name, value)
