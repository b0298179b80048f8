"""What is known of one path, in lines: what it is, what happens to it, why, and its stat data."""

from __future__ import annotations

import os
from typing import Optional

from tui.agent.records import Instance
from tui.app.evidence_words import Section, sections
from tui.app.palette import MARK_STYLES, STATE_STYLES
from tui.app.words import Line, ago, counted, exact_time, mode_text, number, shown, size
from tui.disk.inventory import ABSENT, DIR, Entry
from tui.forensics.examination import Examination, FileRow
from tui.forensics.marks import Evidence, Mark, State
from tui.paths import showable

_STATES = {
    State.INTACT: "same as in the revision it came from",
    State.MODIFIED: "not what the revision has",
    State.MISSING: "listed, but not on disk",
    State.REPLACED: "of another type than in the revision",
    State.UNVERIFIED: "its revision is gone or cannot be read, nothing to compare with",
    State.PENDING: "not compared yet",
}


def detail(examination: Examination, row: int, now: float) -> list[Line]:
    """The lines of the detail pane for one row; they may be long, and wrap."""
    record = examination.row(row)
    lines: list[Line] = [[(shown(record.entry.path, examination.instance), "bold")], *verdict(record)]
    if examination.inventory.end[row] > row + 1:
        lines.append(_below(examination, row))
    lines += [[], [("Why", "heading")], *_evidence(record, examination.instance)]
    if record.group is not None or record.deployment is not None:
        lines += [[], [("Whose", "heading")], *_owners(examination, record, row)]
    lines += [[], [("On disk", "heading")], *_stat(examination, record.entry, now)]
    return lines


def verdict(record: FileRow) -> list[Line]:
    """Mark, state and what the next cleanup does with a path, a line each."""
    mark: Line = [
        (f"{record.mark.letter} {record.mark.label}", MARK_STYLES[record.mark]),
        (f", {record.confidence.label}", ""),
    ]
    lines = [mark]
    if record.state in _STATES:
        style = STATE_STYLES.get(record.state, "deployed")
        sign = record.state.sign
        lines.append([(f"{sign} {record.state.label}".strip(), style), (f": {_STATES[record.state]}", "")])
    what = "removes it" if record.removed_next else "leaves it"
    if record.entry.type == ABSENT and record.removed_next:
        what = "skips it, since it is not there"
    lines.append([("Next deployment: ", "dim"), (f"its cleanup {what}", "")])
    return lines


def _below(examination: Examination, row: int) -> Line:
    counts, total = examination.below(row)
    line: Line = [("Below: ", "dim")]
    for mark in Mark:
        line.append((f"{mark.letter} {number(counts[mark])}  ", MARK_STYLES[mark] if counts[mark] else "dim"))
    return [*line, (f"{size(total)}", "")]


def _evidence(record: FileRow, instance: Instance) -> list[Line]:
    lines: list[Line] = []
    against = False
    for section in sections(record.evidence, record.mark):
        if section.against and not against:
            against = True
            lines += [[], [("Speaks for something else", "heading")]]
        lines.append([(instance.showable(section.heading), "bold")])
        for evidence in section.pieces:
            lines.append([("\u00b7 ", "dim"), *_for_mark(evidence, section), (instance.showable(evidence.detail), "")])
            if evidence.source:
                lines.append([("  ", ""), (instance.showable_source(evidence.source), "place")])
    return lines or [[("\u00b7 no record names it", "")]]


def _for_mark(evidence: Evidence, section: Section) -> Line:
    if not section.against or evidence.for_mark is None:
        return []
    mark = evidence.for_mark
    return [(f"{mark.letter} {mark.label}", MARK_STYLES[mark]), (": ", "")]


def _owners(examination: Examination, record: FileRow, row: int) -> list[Line]:
    lines: list[Line] = []
    instance = examination.instance
    if record.group is not None:
        lines.append(_field("Group", instance.showable(record.group)))
    if record.deployment is not None:
        lines.append(_field("Deployment", instance.showable(record.deployment)))
    source = examination.source_of(row)
    if source is not None:
        lines.append(_field("Came from", shown(source, instance)))
    return lines


def _stat(examination: Examination, entry: Entry, now: float) -> list[Line]:
    if entry.type == ABSENT:
        return [[("Nothing is there.", "")]]
    users, groups = examination.instance.users, examination.instance.group_names
    lines = [_field("Type", entry.type_name)]
    if not examination.instance.windows:  # there they are access control lists, which are not read
        owner = f"{_named(entry.uid, users.get(entry.uid))}, group {_named(entry.gid, groups.get(entry.gid))}"
        lines += [_field("Mode", mode_text(entry.type, entry.mode)), _field("Owner", owner)]
    if entry.target is not None:
        lines.append(_field("Leads to", _target(entry.target, examination.instance)))
    if entry.type != DIR:
        lines.append(_field("Size", f"{counted(entry.size, 'byte')} ({size(entry.size)})"))
    lines += [
        _time("Modified", entry.mtime_ns, now),
        _time("Changed", entry.ctime_ns, now),
        _time("Born", entry.birth_ns, now),
        _field("Inode", f"{entry.inode} on device {_device(entry.device)}, {counted(entry.links, 'link')}"),
    ]
    return lines


def _field(name: str, value: str) -> Line:
    return [(f"{name:<11}", "dim"), (value, "")]


def _target(text: str, instance: Instance) -> str:
    """What a symbolic link says, which on Windows is written as a path is shown."""
    return instance.showable(text) if instance.windows else shown(text)


def _named(number: int, name: Optional[str]) -> str:
    return f"{showable(name)} ({number})" if name else str(number)


def _time(name: str, nanoseconds: Optional[int], now: float) -> Line:
    if nanoseconds is None:
        return _field(name, "not known")
    return _field(name, f"{exact_time(nanoseconds)}, {ago(nanoseconds / 1e9, now)}")


def _device(device: int) -> str:
    if not hasattr(os, "major"):
        return str(device)
    return f"{os.major(device)}:{os.minor(device)}"
