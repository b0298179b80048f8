"""Findings about many files: one a group and kind, from the examination's columns in one pass."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Optional

from tui.disk.inventory import DIR, FILE
from tui.forensics.examination import NO_GROUP, Examination
from tui.forensics.findings.columns import ODD_STATE, ORPHANED, rows_of
from tui.forensics.findings.making import PATHS_SHOWN, counted, make
from tui.forensics.findings.names import never_there
from tui.forensics.marks import Finding, Mark, Severity, State

_OF_STATE = {
    State.MODIFIED: "deployed-modified",
    State.MISSING: "deployed-missing",
    State.REPLACED: "deployed-replaced",
    State.UNVERIFIED: "deployed-unverified",
}
_OTHERS_WRITE, _SET_ID, _STICKY = 0o002, 0o6000, 0o1000
_LONGEST = 259  # characters of a path, its end not counted, that Windows takes by default
_LONGEST_DIRECTORY = 247


def file_findings(examination: Examination, explained: Collection[str] = ()) -> Iterator[Finding]:
    """Files by mark and state. ``explained`` orphans are told of in another finding."""
    buckets: dict[tuple[str, int], list[int]] = {}
    mark, types, state, group = examination.mark, examination.inventory.type, examination.state, examination.group
    reached = examination.reached_through_link
    for row in sorted(reached):
        if mark[row] == Mark.DEPLOYED:
            buckets.setdefault(("reached-through-link", group[row]), []).append(row)
    for row in rows_of(state, ODD_STATE):
        if mark[row] == Mark.DEPLOYED and row not in reached:
            buckets.setdefault((_OF_STATE[State(state[row])], group[row]), []).append(row)
    for row in rows_of(mark, ORPHANED):
        kind = "untracked-directories" if types[row] == DIR else "orphaned-files"
        buckets.setdefault((kind, group[row]), []).append(row)
    never: Optional[set[str]] = None
    for (code, g), rows in buckets.items():
        if explained and code in ("orphaned-files", "untracked-directories"):
            rows = [row for row, path in examination.inventory.paths(rows) if path not in explained]
        if code == "deployed-missing":
            never = never_there(examination.instance) if never is None else never
            rows = [row for row, path in examination.inventory.paths(rows) if path not in never] if never else rows
        if rows:
            yield _finding(examination, code, g, rows)


def _finding(
    examination: Examination,
    code: str,
    g: int,
    rows: list[int],
    severity: Optional[Severity] = None,
    more: str = "",
) -> Finding:
    group = examination.instance.groups[g] if g != NO_GROUP else None
    paths = [path for _, path in examination.inventory.paths(rows[:PATHS_SHOWN])]
    return make(code, group, paths=paths, count=len(rows), severity=severity, more=more)


def mode_findings(examination: Examination) -> Iterator[Finding]:
    """Deployed files that everybody may write, or that run as somebody else."""
    if examination.instance.windows:
        return
    types, mark, mode = examination.inventory.type, examination.mark, examination.inventory.mode
    odd = [row for row, bits in enumerate(mode) if bits & (_OTHERS_WRITE | _SET_ID)]
    buckets: dict[tuple[str, int], list[int]] = {}
    for row in odd:
        if mark[row] != Mark.DEPLOYED:
            continue
        kind, bits, g = types[row], mode[row], examination.group[row]
        if kind == FILE and bits & _SET_ID:
            buckets.setdefault(("set-user-id", g), []).append(row)
        if bits & _OTHERS_WRITE and (kind == FILE or (kind == DIR and not bits & _STICKY)):
            buckets.setdefault(("world-writable", g), []).append(row)
    for (code, g), rows in buckets.items():
        worst = code == "set-user-id" and any(mode[row] & _OTHERS_WRITE for row in rows)
        yield _finding(examination, code, g, rows, Severity.CRITICAL if worst else None)


def long_path_findings(examination: Examination) -> Iterator[Finding]:
    """Paths beyond what most Windows programs can open, in the target locations and in archives."""
    if not examination.instance.windows:
        return
    buckets: dict[int, list[int]] = {}
    types = examination.inventory.type
    for row, path in examination.inventory.paths():
        limit = _LONGEST_DIRECTORY if types[row] == DIR else _LONGEST
        if len(path) > limit // 2 and _length(path) > limit:
            buckets.setdefault(examination.group[row], []).append(row)
    archives = _long_sources(examination)
    for g in sorted({*buckets, *archives}):
        rows, sources = buckets.get(g, []), archives.get(g, [])
        if rows:
            beside = f"In the revision's archive {counted(len(sources), 'path')} are, too." if sources else ""
            yield _finding(examination, "windows-long-path", g, rows, more=beside)
        elif sources:
            group = examination.instance.groups[g]
            yield make("windows-long-path", group, paths=sources, more="They are in the archive of a revision.")


def _long_sources(examination: Examination) -> dict[int, list[str]]:
    """The files of archives that install plans name with too long a path."""
    found: dict[int, list[str]] = {}
    for g, group in enumerate(examination.instance.groups):
        plan = group.plan
        for i in range(len(plan.kinds) if plan is not None else 0):
            source = plan.source(i) if plan is not None else None
            if source is not None and len(source) > _LONGEST // 2 and _length(source) > _LONGEST:
                found.setdefault(g, []).append(source)
    return found


def _length(path: str) -> int:
    """A path's length as Windows counts it, in 16-bit units, without the program's leading slash."""
    return len(path) - 1 + sum(1 for character in path if character > "\uffff")
