"""What the instance screen says, in lines: whose instance, what is wrong, which deployment groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

from rich.cells import cell_len

from tui.agent.records import Group, Instance
from tui.app.palette import MARK_STYLES, SEVERITY_SIGNS, SEVERITY_STYLES, spread
from tui.app.state import ScanState
from tui.app.summary import Totals
from tui.app.words import Line, counted, cut, fit, number, short, size, span
from tui.forensics.examination import Examination
from tui.forensics.marks import Finding, Mark, Severity
from tui.paths import showable

_PIDS = 2  # shown of several agents
_LEAST_PATH = 12  # cells of a path that still tell something
_ONGOING = 3  # tracking files that are told one by one
STALE = 24 * 3600  # seconds after which the agent takes an ongoing deployment's file as left behind


@dataclass(frozen=True)
class GroupRow:
    """One line of the table: a deployment group, or (``id`` None) what no group owns."""

    id: Optional[str]
    group: Optional[Group]
    totals: Optional[Totals]


def source_line(state: ScanState) -> Line:
    """Which host, which source, and whether it can be changed; the longest of them last."""
    hostname = state.instance.hostname if state.instance is not None else None
    host: Line = [(cut(showable(hostname), 40), "bold"), (" \u00b7 ", "dim")] if hostname else []
    place = showable(state.label) if state.kind == "machine" else f"directory {showable(state.label)}"
    changed = "can be changed" if state.changeable else "read only"
    return [*host, (changed, ""), (" \u00b7 ", "dim"), (place, "")]


def agent_line(instance: Instance, examination: Optional[Examination] = None, width: int = 1000) -> Line:
    """The agent's version, whether it runs, its root_dir and how large that is; root_dir's path gives way."""
    head = [*_version(instance), *_processes(instance)]
    total = _kept(examination) if examination is not None and examination.final else 0
    sized: Line = [(f" ({size(total)} kept)", "dim")] if total else []
    path, label = instance.showable_path(instance.config.root_dir), " \u00b7 root_dir "
    room = width - len(label) - sum(cell_len(text) for text, _ in (*head, *sized))
    if room < min(_LEAST_PATH, cell_len(path)):
        return [*head, *sized]
    return [*head, (label, ""), (fit(path, min(room, cell_len(path)), keep_end=True), ""), *sized]


def _version(instance: Instance) -> Line:
    version = instance.version
    if version.text is not None:
        return [(f"agent {instance.showable(version.text)}", "")]
    return [("agent version unknown", "warning"), (f": version {version.rules}'s rules", "")]


def _processes(instance: Instance) -> Line:
    agents = instance.agents
    if agents is None:
        return [(", running or not is unknown", "dim")]
    if not agents:
        return [(", not running", "warning")]
    if len(agents) == 1:
        return [(f", running (pid {agents[0].pid})", "deployed")]
    pids = ", ".join(str(process.pid) for process in agents[:_PIDS])
    more = ", \u2026" if len(agents) > _PIDS else ""
    return [(f", {len(agents)} agents at once (pids {pids}{more})", "warning")]


def _kept(examination: Examination) -> int:
    """Bytes of all revisions: archives, bundles and logs."""
    total = sum(size for _, size in examination.revision_sizes.values())
    for group in examination.instance.groups:
        total += sum((deployment.bundle_size or 0) + deployment.log_size for deployment in group.deployments)
    return total


def ongoing_lines(instance: Instance, now: float) -> list[Line]:
    """A warning for each deployment that has a lifecycle event running, or left its file behind."""
    lines: list[Line] = []
    count = len(instance.ongoing)
    told = count if count <= _ONGOING else _ONGOING - 1
    for ongoing in instance.ongoing[:told]:
        age, name = now - ongoing.mtime, showable(ongoing.deployment_id)
        if age > STALE:
            text = f"! deployment {name}: a tracking file {span(age)} old was left behind"
        elif instance.kind == "machine":
            text = f"! deployment {name} is running, its lifecycle event for {span(age)}: files may change"
        else:
            text = f"! deployment {name} was running a lifecycle event when this was taken"
        lines.append([(text, "warning")])
    if count > told:
        lines.append([(f"! and {number(count - told)} more deployments with a tracking file", "warning")])
    return lines


def cut_off_lines(count: int) -> list[Line]:
    """A line on cleanups that did not come to their end."""
    if not count:
        return []
    return [
        [(f"\u2717 {counted(count, 'cleanup')} cut off or still running: ", "critical"), ("J", "key"), (" tells", "")]
    ]


def ordered(findings: tuple[Finding, ...]) -> list[Finding]:
    """Findings, the worst first."""
    return sorted(findings, key=lambda finding: finding.severity)


def findings_heading(findings: Optional[tuple[Finding, ...]], width: int, final: bool) -> Line:
    """The heading of the findings, with how many there are of each severity."""
    if findings is None:
        return spread([("Findings", "heading")], [("not known yet", "dim")], width)
    counts = [(severity, sum(f.severity == severity for f in findings)) for severity in Severity]
    words = {
        Severity.CRITICAL: ("critical", "critical"),
        Severity.WARNING: ("warning", "warnings"),
        Severity.INFO: ("note", "notes"),
    }
    right: Line = []
    for severity, count in counts:
        if count:
            if right:
                right.append((" \u00b7 ", "dim"))
            right.append((counted(count, *words[severity]), SEVERITY_STYLES[severity]))
    return spread(
        [("Findings", "heading")],
        right or [("nothing found", "deployed") if final else ("nothing found so far", "dim")],
        width,
    )


def finding_line(finding: Finding, width: int, with_group: bool, show: Callable[[str], str] = showable) -> Line:
    """One finding: sign, group (where there are several), title, how many paths. ``show`` makes it fit to show."""
    files = counted(finding.count, "path") if finding.count else ""
    group = fit(show(finding.group), 12) + " " if finding.group and with_group else ""
    sign = (SEVERITY_SIGNS[finding.severity] + " ", SEVERITY_STYLES[finding.severity])
    return spread([sign, (group, "bold"), (show(finding.title), "")], [(files, "dim")] if files else [], width)


def group_rows(state: ScanState) -> list[GroupRow]:
    """The lines of the groups' table; a last one for what no group owns, if there is any."""
    instance, summary = state.instance, state.summary
    if instance is None:
        return []
    if summary is None or len(summary.groups) != len(instance.groups):
        return [GroupRow(group.id, group, None) for group in instance.groups]
    rows = [GroupRow(group.id, group, totals) for group, totals in zip(instance.groups, summary.groups)]
    if any(summary.groupless.files) or any(summary.groupless.directories):
        rows.append(GroupRow(None, None, summary.groupless))
    return rows


_NEXT = 14


def _widths(width: int) -> tuple[int, int, int]:
    """Cells for a group's id (not more than a UUID has), its last Install and a count: what the others leave."""
    install, count = (21, 6) if width < 100 else (23, 9)
    return max(8, min(36, width - 2 - install - len(Mark) * count - _NEXT)), install, count


def groups_heading(width: int) -> Line:
    """The heading of the groups' table."""
    name, install, column = _widths(width)
    narrow = width < 100
    installed = "last Install" if narrow else "last completed Install"
    line: Line = [("Groups", "heading"), (" " * (name - 4), ""), (fit(installed, install), "dim")]
    for mark in Mark:
        word = mark.letter if narrow else f"{mark.letter} {_WORDS[mark]}"
        line.append((f"{word:>{column}}", MARK_STYLES[mark]))
    return [*line, (f"{'next':>{_NEXT}}", "dim")]


_WORDS = {Mark.DEPLOYED: "depl.", Mark.SCRIPT_CREATED: "script", Mark.ORPHANED: "orphan", Mark.UNATTRIBUTED: "other"}


def group_line(row: GroupRow, now: float, width: int) -> Line:
    """One deployment group: id, last completed Install, counts of files by mark, what the next deployment removes."""
    name, install, column = _widths(width)
    shown = fit(showable(row.id) if row.id is not None else "(no group)", name)
    line: Line = [
        (shown, "bold" if row.id is not None else "dim"),
        ("  ", ""),
        (fit(_last_install(row.group, now), install), ""),
    ]
    for mark in Mark:
        count = row.totals.files[mark] if row.totals else None
        text = "\u2026" if count is None else short(count) if column < 9 else number(count)
        line.append((f"{text:>{column}}", MARK_STYLES[mark] if count else "dim"))
    return [*line, (f"{_next(row):>{_NEXT}}", "dim")]


def _last_install(group: Optional[Group], now: float) -> str:
    if group is None:
        return ""
    pointer = group.last_successful
    if pointer is None:
        return "none recorded"
    return f"{showable(pointer.deployment_id or '?')} {span(now - pointer.mtime)}"


def _next(row: GroupRow) -> str:
    if row.group is None:
        return "remains"
    if row.group.cleanup is None:
        return "no cleanup"
    if row.totals is None:
        return ""
    return f"removes {number(row.totals.removed)}"


def failure_lines(state: ScanState, offers_demo: bool) -> list[Line]:
    """Why there is no instance to show, and what can be done; nothing while it is still being read."""
    failure = state.failure
    if failure is None:
        return []
    if failure.kind != "no-agent":
        lines: list[Line] = [
            [("This instance could not be examined.", "critical")],
            [],
            [(showable(failure.reason), "")],
            [],
            [("r", "key"), (" scans again, ", ""), ("q", "key"), (" leaves.", "")],
        ]
        return lines
    lines = [[(f"No CodeDeploy agent found: {showable(state.label)}.", "critical")], [], [("Looked for", "bold")]]
    lines += [[(f"  {state.showable_path(place)}", "place")] for place in failure.looked]
    lines += [
        [],
        [("Name another place with --agent-root DIR or --agent-config FILE, or another SOURCE:", "")],
        [("a directory that holds the root file system of an instance.", "")],
    ]
    if offers_demo:
        lines += [[], [("d", "key"), (" opens the bundled example instance.", "")]]
    return lines
