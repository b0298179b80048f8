"""A preview as JSON lines: one object a path and effect, what is wrong first."""

from __future__ import annotations

from typing import Any

from tui.agent.records import Instance
from tui.preview.records import Preview
from tui.report.preview_members import member, number
from tui.report.preview_rows import PreviewRow, preview_rows
from tui.report.sink import Sink

_OTHERS = PreviewRow._fields.index("reason")  # from here on what does not concern every effect


def write(preview: Preview, instance: Instance, sink: Sink) -> None:
    """Write the object of every row, each on a line of its own; members that do not concern its effect are left out."""
    others, known = PreviewRow._fields[_OTHERS:], dict[Any, str]()
    for row in preview_rows(preview, instance):
        whose = known.get(row[1:_OTHERS])
        if whose is None:
            whose = known[row[1:_OTHERS]] = ", ".join(map(_member, PreviewRow._fields[1:_OTHERS], row[1:_OTHERS]))
        more = row[_OTHERS:]
        told = ""
        if more.count(None) < len(more):
            told = "".join(f", {_member(name, value)}" for name, value in zip(others, more) if value is not None)
        sink.write(f"{{{member('path', row.path)}, {whose}{told}}}\n")


def _member(name: str, value: Any) -> str:
    if isinstance(value, tuple):
        before, after = (f'"{part}"' if isinstance(part, str) else part for part in value)
        return f'"{name}": [{before}, {after}]'
    return member(name, value) if isinstance(value, str) else number(name, value)
