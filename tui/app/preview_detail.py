"""One line of a preview in full: whose it is, why, what to do; and the same in the width of a list."""

from __future__ import annotations

from rich.cells import cell_len

from tui.agent.records import Instance
from tui.app.lookup import Lookup
from tui.app.palette import MARK_STYLES
from tui.app.preview_sections import Row
from tui.app.words import Line, counted, fit, shown
from tui.forensics.marks import Confidence, Mark
from tui.preview.records import Collision, Lost, MadeBy, ScriptToRun

WIDE = 76  # cells, from which on the list says ``will be removed`` in place of ``removed``
_SHORT = {
    "will be removed": "removed", "will be changed": "changed", "will be added": "added", "will remain": "remains",
    "may be removed": "may go", "may be changed": "may change", "may be added": "may come", "is put back": "put back",
    "is not removed": "not removed", "mode or owner": "mode, owner", "written through": "through", "is lost": "lost",
    "script missing": "no script",
}  # fmt: skip
_LEAST_SAID = 12  # cells that still tell something


def row_line(row: Row, instance: Instance, width: int) -> Line:
    """A line of the list: what happens, the path, why, and what to do or how large it is at the right edge."""
    column, word = (16, row.word) if width >= WIDE else (11, _SHORT.get(row.word, row.word))
    line: Line = [(fit(word, column), row.section.style), (" ", "")]
    room = width - column - 1
    if row.right:
        room -= cell_len(row.right) + 1
    text = _text(row, instance)
    said = instance.showable("; ".join(piece for piece in (row.advice, row.said) if piece))
    if row.path is not None and row.path != row.text:
        said = f"{said}, leads to {shown(row.path, instance)}".lstrip(", ")
    half = room * 11 // 20 if row.path is not None or said else room
    beside = room - half - 2
    if not said or beside < _LEAST_SAID:
        line.append((fit(text, room, keep_end=row.path is not None and cell_len(text) > room), ""))
    else:
        line += [(fit(text, half, keep_end=cell_len(text) > half), ""), ("  ", ""), (fit(said, beside), "dim")]
    return [*line, (f" {row.right}", "")] if row.right else line


def _text(row: Row, instance: Instance) -> str:
    return shown(row.text, instance) if row.path is not None else instance.showable(row.text)


def row_detail(row: Row, lookup: Lookup) -> list[Line]:
    """All about a line; the lines may be long, and wrap."""
    instance = lookup.examination.instance
    lines: list[Line] = [[(_text(row, instance), "bold")]]
    said: Line = [(row.word, row.section.style)]
    if row.said and not isinstance(row.item, Collision):
        said.append((f": {instance.showable(row.said)}", ""))
    lines.append(said)
    if row.path is not None and row.path != row.text:
        lines.append([("Leads to ", "dim"), (shown(row.path, instance), "place")])
    item = row.item
    if isinstance(item, Collision):
        said += [(". What to do: ", ""), (instance.showable(item.remedy), "bold")]
        lines += _made_by(item.made_by, instance)
        lines.append([("\u201c", "dim"), (instance.showable(item.message), ""), ("\u201d", "dim")])
    elif isinstance(item, Lost):
        lines += [[("Size ", "dim"), (counted(item.size, "byte"), "")], *_made_by(item.made_by, instance)]
    elif isinstance(item, ScriptToRun) and f"/{item.revision}/" in item.path:
        lines.append([("Looked for at ", "dim"), (shown(item.path, instance), "place")])
    elif row.path is not None:
        lines += _whose(row.path, lookup)
    return lines


def _whose(path: str, lookup: Lookup) -> list[Line]:
    """Whose a path is that has a row: its mark and the first piece of its evidence."""
    row = lookup.row(path)
    if row is None:
        return []
    examination = lookup.examination
    pieces = examination.evidence_of(row)
    mark, confidence = Mark(examination.mark[row]), Confidence(examination.confidence[row])
    return [_mark_line(mark, confidence, pieces[0].detail if pieces else "", examination.instance)]


def _mark_line(mark: Mark, confidence: Confidence, why: str, instance: Instance) -> Line:
    line: Line = [(f"{mark.letter} {mark.label}", MARK_STYLES[mark]), (f", {confidence.label}", "")]
    return [*line, (f": {instance.showable(why)}", "")] if why else line


def _made_by(made_by: MadeBy | None, instance: Instance) -> list[Line]:
    if made_by is None:
        return [[("Whose it is, no record tells.", "dim")]]
    lines = [_mark_line(made_by.mark, made_by.confidence, made_by.why, instance)]
    if made_by.deployment is not None:
        lines.append([("Deployment ", "dim"), (instance.showable(made_by.deployment), "")])
    if made_by.source is not None:
        lines.append([("  ", ""), (instance.showable_source(made_by.source), "place")])
    return lines
