"""Findings: the states of an instance that an operator should know of, worst first.

The codes, what each means and what to do are one table, ``tui.forensics.findings.codes``; ``README.md`` beside
this file lists it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Optional

from tui.agent.records import Instance
from tui.disk.inventory import Note
from tui.disk.root import Root, RootError
from tui.forensics.examination import Examination
from tui.forensics.findings.agent import (
    STALE_AFTER,
    empty_findings,
    ongoing_findings,
    process_findings,
    version_findings,
)
from tui.forensics.findings.codes import CODES
from tui.forensics.findings.files import file_findings, long_path_findings, mode_findings
from tui.forensics.findings.groups import group_findings
from tui.forensics.findings.hooks import script_findings
from tui.forensics.findings.installs import install_findings, lost_findings, with_files
from tui.forensics.findings.kept import kept_findings
from tui.forensics.findings.links import staying_link_findings
from tui.forensics.findings.making import PATHS_SHOWN, make
from tui.forensics.findings.names import newline_findings, slash_findings
from tui.forensics.findings.permissions import permission_findings
from tui.forensics.findings.records import problem_findings
from tui.forensics.findings.space import space_findings
from tui.forensics.findings.story import current
from tui.forensics.marks import Finding, Severity

__all__ = ["CODES", "PATHS_SHOWN", "STALE_AFTER", "all_findings", "in_order", "record_findings"]


def record_findings(instance: Instance, now: Optional[float] = None) -> tuple[Finding, ...]:
    """What the agent's records alone tell; ``now`` in seconds since 1970 (None: ages are not judged)."""
    return in_order([*_of_records(instance, now), *group_findings(instance), *version_findings(instance)])


def all_findings(
    examination: Examination, now: Optional[float] = None, root: Optional[Root] = None
) -> tuple[Finding, ...]:
    """Everything that was found, worst first.

    ``root`` is asked for scripts, birth times and what links lead to, a bounded number of times; without it what
    depends on them is left out.
    """
    instance = examination.instance
    told: set[str] = set()  # orphans that another finding explains
    found = [with_files(finding, examination, root, told) for finding in _of_records(instance, now)]
    found += lost_findings(examination, told)
    found += empty_findings(instance)
    found += group_findings(instance, examination)
    found += version_findings(instance, examination, root)
    if root is not None:
        found += script_findings(instance, root)
        found += slash_findings(instance, root)
        found += kept_findings(examination, root, told)
    found += permission_findings(examination, root)
    found += staying_link_findings(examination)
    found += mode_findings(examination)
    found += long_path_findings(examination)
    found += space_findings(examination, root)
    found += file_findings(examination, told)
    through = {finding.group for finding in found if finding.code == "reached-through-link"}
    if root is not None:
        found += (finding for finding in _through_links(instance, root) if finding.group not in through)
    return in_order([*found, *_of_notes(examination.inventory.notes)])


def _of_records(instance: Instance, now: Optional[float]) -> Iterator[Finding]:
    newlines = list(newline_findings(instance))
    explained = {finding.group for finding in newlines}
    for finding in problem_findings(instance):
        if not (finding.code == "cleanup-relative" and finding.group in explained):
            yield finding
    yield from newlines
    yield from ongoing_findings(instance, now)
    yield from process_findings(instance)
    yield from install_findings(instance)


def _through_links(instance: Instance, root: Root) -> Iterator[Finding]:
    """Destinations that are, or lie below, a link."""
    for group in instance.groups:
        deployment = current(group)
        if deployment is None or deployment.appspec is None:
            continue
        found: dict[str, str] = {}
        for mapping in deployment.appspec.files:
            path = instance.inside(mapping.destination)
            try:
                path = root.spelling(path) if path is not None and "\0" not in path else None
                real = root.real_path(path) if path is not None else None
            except RootError:
                continue
            if path is not None and real is not None and real != path:
                found[path] = real
        if found:
            leads = "; ".join(f"{instance.native(path)} -> {instance.native(found[path])}" for path in list(found)[:3])
            yield make("destination-through-link", group, paths=list(found), more=f"{leads}.")


def _of_notes(notes: Sequence[Note]) -> Iterator[Finding]:
    by_code: dict[str, list[str]] = {}
    for note in notes:
        by_code.setdefault(f"walk-{note.code}", []).append(note.path)
    for code, paths in by_code.items():
        if code in CODES:
            yield make(code, paths=paths)
        else:
            yield Finding(code, Severity.WARNING, code, "", "", None, tuple(paths[:PATHS_SHOWN]), len(paths))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Worst first, then by group, code and size."""
    return tuple(sorted(findings, key=lambda f: (f.severity, f.group or "", f.code, -f.count, f.source or "")))
