"""A scan: records, walk, comparison and marks, one after the other, with progress on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Callable, Optional, Union

from tui.agent.config import PROGRAM_DATA
from tui.agent.instance import read_instance
from tui.agent.records import AgentProcess, Instance, Layout
from tui.disk.inventory import Inventory
from tui.disk.measure import Measurement
from tui.disk.root import Root, WalkProgress
from tui.forensics.clues import ClueFinder
from tui.forensics.evidence.open_files import OpenFiles
from tui.forensics.examination import Examination
from tui.forensics.findings import all_findings, record_findings
from tui.forensics.marker import Marker
from tui.forensics.marking import Marked, mark
from tui.forensics.marks import Finding
from tui.forensics.targets import target_locations
from tui.system.open_files import Gathered

EXPLAIN_STEP = 512  # paths between two looks at whether the scan was cancelled


@dataclass(frozen=True)
class ScanOptions:
    """How to scan: unusual places of the agent, and what the operator declares."""

    agent_root: Optional[str] = None
    agent_config: Optional[str] = None
    cross_mounts: bool = False
    program_data: str = PROGRAM_DATA  # %PROGRAMDATA% of a Windows instance
    groups_gone: tuple[str, ...] = ()
    snapshots: bool = True  # marks as far as they are known, while the scan runs
    verify: bool = True  # False: no findings, revisions not measured, contents compared when asked for (``settle``)
    now: Optional[float] = None  # seconds since 1970, to judge ages by; None: not judged
    processes: Optional[Callable[[Layout], tuple[AgentProcess, ...]]] = None  # how to look for agents that run
    open_files: Optional[Callable[[Callable[[str], bool], Callable[[], bool]], Gathered]] = None
    # … and for open files: takes which paths are wanted, and whether to stop. None: not this machine


@dataclass(frozen=True)
class Progress:
    """How far a scan is. ``stage``: records, walk, evidence, compare, marks, revisions; ``total``: None: not known."""

    stage: str
    done: int
    total: Optional[int] = None
    where: str = ""


@dataclass(frozen=True)
class Records:
    """The agent's records are read: groups and what is wrong with them can be shown."""

    instance: Instance


@dataclass(frozen=True)
class Snapshot:
    """Marks as far as they are known; the last one is final."""

    examination: Examination


ScanEvent = Union[Progress, Records, Snapshot]


def scan(
    root: Root, options: ScanOptions = ScanOptions(), cancelled: Callable[[], bool] = lambda: False
) -> Iterator[ScanEvent]:
    """Scan an instance. Yields progress often, Records once, Snapshots, a final one last.

    Raises ``tui.agent.layout.NoAgent``, and RootError where the Root itself cannot be used. Ends
    early, without a final Snapshot, once ``cancelled()`` is true.
    """
    yield Progress("records", 0)
    places = options.agent_root, options.agent_config
    instance = read_instance(root, *places, options.processes, options.program_data, cancelled)
    if cancelled():
        return
    yield Records(instance)
    archives = [d.archive for group in instance.groups for d in group.deployments if d.archive]
    measurement = root.measure(archives if options.verify else [])
    try:
        yield from _scan(root, instance, options, cancelled, measurement)
    finally:
        measurement.close()


def _scan(
    root: Root, instance: Instance, options: ScanOptions, cancelled: Callable[[], bool], measurement: Measurement
) -> Iterator[ScanEvent]:
    marker = Marker(root, instance, options.groups_gone)
    yield Progress("records", 1)
    outside = marker.named_outside() | {via.real for via in marker.linked()}
    targets = target_locations(root, instance, outside, options.cross_mounts)
    findings = record_findings(instance, options.now) if options.snapshots else ()
    inventory: Optional[Inventory] = None
    for event in root.walk(targets.request, cancelled):
        if isinstance(event, WalkProgress):
            yield Progress("walk", event.entries, None, event.where)
        else:
            inventory = event
            if event.partial and options.snapshots:
                yield _snapshot(mark(marker, event, targets, whole=False), findings)
    if inventory is None or cancelled():
        return
    yield Progress("evidence", 0)
    held = OpenFiles.gathered(options.open_files(targets.holds, cancelled)) if options.open_files else None
    clues = ClueFinder(root, instance, targets, marker.offset, held, cancelled)
    marked = mark(marker, inventory, targets, whole=True, clues=clues)
    if options.snapshots:
        yield _snapshot(marked, findings)
    if options.verify:
        yield from _compare(root, marked, cancelled)
    else:
        marked.examination.compare_later = _later(root, marked)
    yield from _explain(marked, cancelled)
    for progress in measurement.finish(cancelled):
        yield Progress("revisions", progress.entries, None, progress.where)
    if cancelled():
        return
    for group in instance.groups:
        for deployment in group.deployments:
            if deployment.archive in measurement.sizes:
                marked.examination.revision_sizes[deployment.path] = measurement.sizes[deployment.archive]
    problems = (*instance.problems, *marker.problems, *clues.problems)
    marked.examination.instance = replace(instance, problems=problems)
    if options.verify:
        marked.examination.findings = all_findings(marked.examination, options.now, root)
    yield Snapshot(replace(marked.examination, final=True))


def _snapshot(marked: Marked, findings: tuple[Finding, ...]) -> Snapshot:
    """What is known so far, cut loose from what the scan goes on to fill in."""
    now_known = marked.examination
    return Snapshot(
        replace(
            now_known,
            mark=now_known.mark[:],
            state=now_known.state[:],
            confidence=now_known.confidence[:],
            removed_next=now_known.removed_next[:],
            group=now_known.group[:],
            deployment=now_known.deployment[:],
            findings=findings,
        )
    )


def _compare(root: Root, marked: Marked, cancelled: Callable[[], bool]) -> Iterator[Progress]:
    rows = marked.to_compare()
    done = 0
    yield Progress("compare", 0, len(rows))
    for count, results in root.compare(marked.inventory, rows, marked.compare_source, cancelled):
        marked.compared(rows, done, results)
        done = count
        yield Progress("compare", done, len(rows))


def _later(root: Root, marked: Marked) -> Callable[[Sequence[int], Callable[[], bool]], None]:
    """The comparison of rows that is made when their states are asked for; those of all others are set now."""
    marked.to_compare()

    def compare(rows: Sequence[int], cancelled: Callable[[], bool]) -> None:
        done = 0
        for count, results in root.compare(marked.inventory, rows, marked.compare_source, cancelled):
            marked.compared(rows, done, results)
            done = count

    return compare


def _explain(marked: Marked, cancelled: Callable[[], bool]) -> Iterator[Progress]:
    rows = marked.unlisted()
    for start in range(0, len(rows), EXPLAIN_STEP):
        if cancelled():
            return
        yield Progress("marks", start, len(rows))
        marked.explain(rows[start : start + EXPLAIN_STEP])
