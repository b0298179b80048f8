"""The paths of a scan as CSV: RFC 4180, a header, lines that end in CR LF, UTF-8 without a byte order mark.

No cell holds a raw control character or a byte that is not UTF-8: they are backslash escapes, and a
backslash is doubled (``tui.paths.showable``). For a Windows instance they are ``<U+001B>`` and the
like, and a backslash stands as it is (``tui.windows_paths.showable_windows``). A spreadsheet takes a
cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula; a name's first character is then
escaped in the same way (``\\x3d`` for ``=``), so that it stays text and can be turned back like any
other escape.
"""

from __future__ import annotations

import csv
from typing import Callable, Optional

from tui.agent.records import Instance
from tui.forensics.examination import Examination
from tui.forensics.marks import Evidence
from tui.paths import showable
from tui.report.rows import PathRow, path_rows
from tui.report.sink import Sink
from tui.windows_paths import escaped, showable_windows

_FORMULA = ("=", "+", "-", "@")


def write(examination: Examination, sink: Sink) -> None:
    """Write the header, then a row for every path; evidence is one cell, ``kind: detail (source)`` each."""
    cell = cells_of(examination.instance)
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(PathRow._fields)
    names: dict[Optional[str], Optional[str]] = {None: None}  # of groups and deployments, which many paths share
    for row in path_rows(examination):
        for name in (row.group, row.deployment):
            if name is not None and name not in names:
                names[name] = cell(name)
        evidence = cell("; ".join([_evidence(item) for item in row.evidence]))
        writer.writerow((cell(row.path), *row[1:5], names[row.group], names[row.deployment], *row[7:10], evidence))


def cells_of(instance: Instance) -> Callable[[str], str]:
    """How text of an instance is put into a cell: see above."""
    return cells_for(instance.windows)


def cells_for(windows: bool) -> Callable[[str], str]:
    """The same where no more than the system is known."""
    return _windows_cell if windows else _cell


def _cell(text: str) -> str:
    shown = showable(text)
    return f"\\x{ord(shown[0]):02x}{shown[1:]}" if shown.startswith(_FORMULA) else shown


def _windows_cell(text: str) -> str:
    shown = showable_windows(text)
    return escaped(shown[0]) + shown[1:] if shown.startswith(_FORMULA) else shown


def _evidence(item: Evidence) -> str:
    return f"{item.kind}: {item.detail}" if item.source is None else f"{item.kind}: {item.detail} ({item.source})"
