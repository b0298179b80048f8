"""What is wrong with the agent's records, one finding a group and code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from tui.agent.records import Group, Instance, Problem
from tui.forensics.evidence import at
from tui.forensics.findings.codes import CODES
from tui.forensics.findings.codes.records import LOOK
from tui.forensics.findings.making import PATHS_SHOWN, counted
from tui.forensics.findings.names import meant_paths
from tui.forensics.marks import Finding, Severity

MESSAGES_SHOWN = 3  # different ones of one finding
_SEVERITIES = {"info": Severity.INFO, "warning": Severity.WARNING, "critical": Severity.CRITICAL}
# Their messages say what the table says of them.
_MESSAGE_SAYS_IT = frozenset(
    [
        "cleanup-cut-off", "cleanup-incomplete", "cleanup-unusable-line", "cleanup-skipped", "cleanup-relative",
        "cleanup-altered", "cleanup-directory", "cleanup-not-utf8", "cleanup-v2-fatal", "cleanup-versions-differ",
        "plan-of-another-deployment", "leftover-temporary", "root-dir-missing", "version-files-differ",
        "version-contradicted", "log-cut-off", "log-incomplete", "config-odd-value", "config-relative-path",
        "config-max-revisions", "script-unreadable", "script-not-followed", "revision-unreadable", "output-not-read",
        "time-zone-unreadable", "time-zone-differs", "log-time-differs", "package-database-older",
    ]
)  # fmt: skip
# What version 2 would make of a file; told together where the version is not known.
OF_VERSIONS = ("cleanup-v2-fatal", "cleanup-v2-ignores", "cleanup-versions-differ")


def problem_findings(instance: Instance) -> Iterator[Finding]:
    """Every problem of a record. Those of one code, group and severity are one finding."""
    gathered: dict[tuple[str, str, Optional[str]], list[Problem]] = {}
    for group, problem in _problems(instance):
        kept = gathered.setdefault((problem.code, problem.severity, group.id if group else None), [])
        if problem not in kept[-1:]:
            kept.append(problem)
    _same_pointers(instance, gathered)
    for (code, severity, group_id), problems in gathered.items():
        if code in OF_VERSIONS and instance.version.major is None and instance.version.hint is None:
            continue
        yield _finding(instance, code, severity, group_id, problems)


def _problems(instance: Instance) -> Iterator[tuple[Optional[Group], Problem]]:
    config, agent_log = instance.config, instance.agent_log
    general = (*instance.problems, *config.problems, *(agent_log.problems if agent_log is not None else ()))
    for problem in general:
        yield None, problem
    for log in instance.logs:
        for problem in log.problems:
            yield None, problem
    for group in instance.groups:
        for problem in group.problems:
            yield group, problem
        for record in (group.cleanup, group.plan, group.last_successful, group.most_recent):
            for problem in record.problems if record is not None else ():
                yield group, problem
        for deployment in group.deployments:
            for problem in deployment.problems:
                yield group, problem
            for problem in deployment.log.problems if deployment.log is not None else ():
                yield group, problem


def _same_pointers(instance: Instance, gathered: dict[tuple[str, str, Optional[str]], list[Problem]]) -> None:
    """Both pointers to one revision that is gone are told once."""
    for group in instance.groups:
        last, recent = group.last_successful, group.most_recent
        same = last is not None and recent is not None and last.target == recent.target
        if same and ("pointer-gone", "critical", group.id) in gathered:
            gathered.pop(("pointer-gone", "warning", group.id), None)


def _finding(instance: Instance, code: str, severity: str, group_id: Optional[str], problems: list[Problem]) -> Finding:
    first, kind = problems[0], CODES.get(code)
    paths = tuple(dict.fromkeys(problem.path for problem in problems))
    group = instance.group(group_id) if group_id is not None else None
    title = first.message if kind is None else kind.title
    messages = list(dict.fromkeys(problem.message for problem in problems))
    said = [*messages[:MESSAGES_SHOWN]]
    if code == "pointer-gone" and instance.version.rules == 2:
        said = [text.replace("use its scripts fail", "use its scripts are skipped") for text in said]
    if group is not None and code == "pointer-gone":
        said.append(_gone(instance, group, severity))
    elif kind is not None and code not in _MESSAGE_SAYS_IT:
        said.append(kind.meaning)
    others = f" and {counted(len(paths) - 1, 'other file')}" if len(paths) > 1 else ""
    detail = " ".join([*said, f"In {instance.native(first.path)}{others}."])
    meant, hit = meant_paths(group) if group is not None and code == "cleanup-altered" else ((), ())
    if hit:
        detail += f" Removed instead, where it is there: {', '.join(instance.native(path) for path in hit[:3])}."
    if group is not None and group.cleanup is not None and group.cleanup.dropped and code == "cleanup-cut-off":
        meant = (group.cleanup.dropped[1],)
    told = meant or paths
    advice = LOOK if kind is None else kind.advice
    if code == "pointer-gone" and severity != "critical":
        advice = "Nothing; the next deployment writes the pointer anew."
    elif code == "pointer-gone" and instance.version.rules == 2:
        advice = "Stop the application by hand before the next deployment, or correct the one path in the pointer file."
    return Finding(
        code, _SEVERITIES.get(severity, Severity.WARNING), title, detail, advice, group_id,
        tuple(told[:PATHS_SHOWN]), len(told), at(first.path, first.line),
    )  # fmt: skip


def _gone(instance: Instance, group: Group, severity: str) -> str:
    if severity != "critical":
        return "It names the revision that was unpacked last."
    left = [deployment.id for deployment in group.deployments if deployment.archive is not None]
    events = (
        "ApplicationStop, BeforeBlockTraffic and AfterBlockTraffic of the next deployment take their scripts from it."
    )
    there = f"Left of the group: {', '.join(left[-3:])}." if left else "No revision of the group is left."
    if instance.version.rules == 2:
        return f"{events} Version 2 skips them without a word: the application is not stopped. {there}"
    return f"{events} With version 1 they fail. {there}"
