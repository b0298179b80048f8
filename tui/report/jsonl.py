"""The paths of a scan as JSON lines: one object a path, in path order."""

from __future__ import annotations

from tui.forensics.examination import Examination
from tui.report.document import path_objects
from tui.report.sink import Sink


def write(examination: Examination, sink: Sink) -> None:
    """Write the object of every path, each on a line of its own."""
    for line in path_objects(examination):
        sink.write(line + "\n")
