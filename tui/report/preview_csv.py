"""A preview as CSV, by the rules of ``tui.report.csv_format``: a row a path and effect, what is wrong first."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, Callable

from tui.agent.records import Instance
from tui.preview.records import Preview
from tui.report.csv_format import cells_of
from tui.report.preview_rows import PreviewRow, preview_rows
from tui.report.sink import Sink

_OTHERS = PreviewRow._fields.index("reason")  # from here on what is not the same for many rows


def write(preview: Preview, instance: Instance, sink: Sink) -> None:
    """Write the header, then every row; what changes from one value to another is one cell, ``0644 > 0600``."""
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(PreviewRow._fields)
    writer.writerows(_cells(preview, instance))


def _cells(preview: Preview, instance: Instance) -> Iterator[list[Any]]:
    cell, known = cells_of(instance), dict[Any, list[Any]]()
    for row in preview_rows(preview, instance):
        shared = known.get(row[1:_OTHERS])
        if shared is None:
            shared = known[row[1:_OTHERS]] = [_value(value, cell) for value in row[1:_OTHERS]]
        others = [None if value is None else _value(value, cell) for value in row[_OTHERS:]]
        yield [_value(row.path, cell), *shared, *others]


def _value(value: Any, cell: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return cell(value)
    if isinstance(value, tuple):
        return f"{value[0]} > {value[1]}"
    return str(value).lower() if isinstance(value, bool) else value
