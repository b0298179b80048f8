"""Findings: the states of an instance that an operator should know of, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Optional

from tui.agent.records import Group, Instance, Problem
from tui.disk.inventory import DIR, Inventory, Note
from tui.forensics.evidence import at
from tui.forensics.examination import Examination
from tui.forensics.marks import Finding, Mark, Severity, State

PATHS_SHOWN = 200  # paths that a finding carries; its count is of all
STALE_AFTER = 86_400  # seconds after which the agent takes a tracking file for stale (1.8.1)

_SEVERITIES = {"info": Severity.INFO, "warning": Severity.WARNING, "critical": Severity.CRITICAL}
_READING_ADVICE = "Look at the record itself; the marks rest on what could be read of it."
_NOTES = {
    "unreadable": (
        Severity.WARNING,
        "directories that could not be read",
        "Nothing is known of what lies in them. Run as root to see all.",
    ),
    "mount": (
        Severity.INFO,
        "other file systems below the target locations were not entered",
        "--cross-mounts looks into them.",
    ),
    "vanished": (
        Severity.INFO,
        "paths that went while they were looked at",
        "Something is changing files now; scan again when it is quiet.",
    ),
    "swapped": (
        Severity.WARNING,
        "directories that were replaced while they were looked at",
        "Something is changing files now; scan again when it is quiet.",
    ),
    "limit": (
        Severity.WARNING,
        "places deeper or larger than is looked through",
        "Nothing is known of what lies beyond.",
    ),
}


def _finding(
    code: str,
    severity: Severity,
    title: str,
    detail: str,
    advice: str,
    group: Optional[Group] = None,
    paths: Sequence[str] = (),
    source: Optional[str] = None,
) -> Finding:
    return Finding(
        code,
        severity,
        title,
        detail,
        advice,
        group.id if group else None,
        tuple(paths[:PATHS_SHOWN]),
        len(paths),
        source,
    )


def _of_problem(problem: Problem, group: Optional[Group]) -> Finding:
    return _finding(
        problem.code,
        _SEVERITIES.get(problem.severity, Severity.WARNING),
        problem.message,
        f"In {problem.path}.",
        _READING_ADVICE,
        group,
        source=at(problem.path, problem.line),
    )


def _problems(instance: Instance) -> Iterable[Finding]:
    for problem in (*instance.problems, *instance.config.problems):
        yield _of_problem(problem, None)
    for log in instance.logs:
        for problem in log.problems:
            yield _of_problem(problem, None)
    for group in instance.groups:
        for problem in group.problems:
            yield _of_problem(problem, group)
        for record in (group.cleanup, group.plan, group.last_successful, group.most_recent):
            for problem in record.problems if record is not None else ():
                yield _of_problem(problem, group)
        for deployment in group.deployments:
            for problem in deployment.problems:
                yield _of_problem(problem, group)
            for problem in deployment.log.problems if deployment.log is not None else ():
                yield _of_problem(problem, group)


def _no_cleanup_file(group: Group) -> Optional[Finding]:
    if group.cleanup is not None or (group.plan is None and group.last_successful is None):
        return None
    record = group.plan or group.last_successful
    assert record is not None
    return _finding(
        "no-cleanup-file",
        Severity.CRITICAL,
        "no cleanup file, although the group has installed before",
        "An Install event that fails after its removals leaves no cleanup file. What the group's deployments left "
        "on disk is in no record now: no deployment removes it, and with DISALLOW the next one fails where it "
        "is in the way.",
        "Look at the group's orphaned files; move away what is in the next revision's way, or deploy with OVERWRITE.",
        group,
        source=at(record.path),
    )


def _ongoing(instance: Instance, now: Optional[float]) -> Iterable[Finding]:
    for ongoing in instance.ongoing:
        age = None if now is None else now - ongoing.mtime
        if age is not None and age > STALE_AFTER:
            yield _finding(
                "stale-ongoing-deployment",
                Severity.WARNING,
                f"the tracking file of {ongoing.deployment_id} is stale",
                f"It was written {int(age // 3600)} hours ago; the agent takes it for stale after 24 hours.",
                "The agent removes it by itself when it next looks.",
                source=at(ongoing.path),
            )
        else:
            yield _finding(
                "deployment-in-progress",
                Severity.WARNING,
                f"deployment {ongoing.deployment_id} has a lifecycle event in progress",
                "The agent's tracking file exists only while one lifecycle event runs, or after an agent died in one. "
                "What is shown can change at any moment.",
                "Wait until the deployment has ended, then scan again.",
                source=at(ongoing.path),
            )


def _of_files(examination: Examination) -> Iterable[Finding]:
    """One finding a group for each kind of file that matters."""
    buckets: dict[tuple[str, int], list[int]] = {}
    types, reached = examination.inventory.type, examination.reached_through_link
    for row, mark in enumerate(examination.mark):
        g = examination.group[row]
        if mark == Mark.ORPHANED:
            kind = "untracked-directories" if types[row] == DIR else "orphaned-files"
            buckets.setdefault((kind, g), []).append(row)
        elif mark == Mark.DEPLOYED and row in reached:
            buckets.setdefault(("reached-through-link", g), []).append(row)
        elif mark == Mark.DEPLOYED and examination.state[row] in _STATE_FINDINGS:
            buckets.setdefault((_STATE_FINDINGS[State(examination.state[row])], g), []).append(row)
    for (code, g), rows in buckets.items():
        severity, title, detail, advice = _FILE_FINDINGS[code]
        group = examination.instance.groups[g] if g >= 0 else None
        paths = [path for _, path in examination.inventory.paths(rows[:PATHS_SHOWN])]
        yield Finding(code, severity, title, detail, advice, group.id if group else None, tuple(paths), len(rows))


_STATE_FINDINGS = {
    State.MODIFIED: "deployed-modified",
    State.MISSING: "deployed-missing",
    State.REPLACED: "deployed-replaced",
    State.UNVERIFIED: "deployed-unverified",
}
_FILE_FINDINGS = {
    "reached-through-link": (
        Severity.WARNING,
        "deployed paths whose place is now reached through a link",
        "A link stands where the agent was told to install. The next cleanup follows it and removes the files where it "
        "leads; the directories there stay.",
        "Make sure that nothing else uses the place the link leads to.",
    ),
    "orphaned-files": (
        Severity.WARNING,
        "files of earlier or interrupted deployments that nothing will remove",
        "No cleanup file lists them. With DISALLOW, a deployment that brings a file of the same name fails.",
        "Move them away, or deploy with OVERWRITE if the revision has them.",
    ),
    "untracked-directories": (
        Severity.INFO,
        "directories that fell out of tracking",
        "They were not empty when a cleanup came to them. Since they exist, no Install makes and lists them again.",
        "They are harmless while a revision uses them; remove those that no revision has, once they are empty.",
    ),
    "deployed-modified": (
        Severity.WARNING,
        "deployed files that were changed after the Install",
        "The next deployment removes them, changes included.",
        "Keep a copy of what matters before the next deployment.",
    ),
    "deployed-missing": (
        Severity.WARNING,
        "deployed files that are gone",
        "The cleanup file lists them, and nothing stands at their path. The next cleanup skips them.",
        "Find out what removed them; a deployment brings them back.",
    ),
    "deployed-replaced": (
        Severity.WARNING,
        "deployed files that something of another type took the place of",
        "The next cleanup removes what stands there now; a directory only where it is empty.",
        "Look at each before the next deployment.",
    ),
    "deployed-unverified": (
        Severity.INFO,
        "deployed files that cannot be compared with their revision",
        "The revision they came from is not on the instance any more, or cannot be read.",
        "Compare with the bundle where it is stored.",
    ),
}


def _of_notes(notes: Sequence[Note]) -> Iterable[Finding]:
    by_code: dict[str, list[str]] = {}
    for note in notes:
        by_code.setdefault(note.code, []).append(note.path)
    for code, paths in by_code.items():
        severity, title, advice = _NOTES.get(code, (Severity.WARNING, code, ""))
        yield _finding(
            f"walk-{code}", severity, title, "Met while the target locations were walked.", advice, None, paths
        )


def record_findings(instance: Instance, now: Optional[float] = None) -> tuple[Finding, ...]:
    """What the agent's records alone tell; ``now`` in seconds since 1970 (None: ages are not judged)."""
    found = [*_problems(instance), *_ongoing(instance, now)]
    found += [finding for finding in map(_no_cleanup_file, instance.groups) if finding is not None]
    if instance.version.major is None:
        found.append(
            _finding(
                "agent-version-unknown",
                Severity.INFO,
                "the agent's version is not known",
                "No version file was found or understood. The rules of version 1 are used; version 2 reads cleanup "
                "files differently (owner and mode count, dangling links stay, more white space is stripped).",
                "Find out which agent runs on the instance.",
            )
        )
    return in_order(found)


def all_findings(examination: Examination, now: Optional[float] = None) -> tuple[Finding, ...]:
    """Everything that was found, worst first."""
    inventory: Inventory = examination.inventory
    return in_order([*record_findings(examination.instance, now), *_of_files(examination), *_of_notes(inventory.notes)])


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Worst first, then by group, code and size."""
    return tuple(sorted(findings, key=lambda f: (f.severity, f.group or "", f.code, -f.count, f.source or "")))
