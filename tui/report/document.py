"""The JSON forms of a scan: the document with everything but the paths, and the object of one path.

Fields may be added; none is renamed or dropped without a new schema number. A path, or an id that
is a directory's name, which is not UTF-8 has U+FFFD in it and the exact bytes in a member of the
same name with ``_b64`` added; a list of such has a list beside it, null where an entry is exact.
Paths of a Windows instance are in its native form; a ``source`` is ``C:/relative/path:line``.
"""

from __future__ import annotations

from collections.abc import Iterator
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Optional

from tui.agent.records import AppSpec, CleanupFile, Deployment, Group, InstallPlan, Instance, Pointer
from tui.forensics.examination import Examination
from tui.forensics.marks import Evidence, Finding, Mark, State
from tui.report.rows import PathRow, path_rows
from tui.report.tally import Tally, tallies
from tui.report.text import exact, exact_list, sentence

SCHEMA = "codedeploy-forensics/scan/1"


def document(examination: Examination) -> dict[str, Any]:
    """The ``scan`` document without ``paths``, to be given to ``json.dumps``."""
    instance = examination.instance
    whole, by_group = tallies(examination)
    return {
        "schema": SCHEMA,
        "source": {"kind": instance.kind, **exact("label", instance.label), **exact("hostname", instance.hostname)},
        "agent": _agent(instance),
        "groups": [_group(group, tally, instance) for group, tally in zip(instance.groups, by_group)],
        "deployments": [
            _deployment(deployment, examination.revision_sizes.get(deployment.path), instance)
            for group in instance.groups
            for deployment in group.deployments
        ],
        "summary": {"paths": whole.paths, **_summary(whole)},
        "findings": [_finding(finding, instance) for finding in worst_first(examination)],
    }


def worst_first(examination: Examination) -> list[Finding]:
    """The findings, the worst first, else as the examination has them."""
    return sorted(examination.findings, key=lambda finding: finding.severity)


def path_objects(examination: Examination) -> Iterator[str]:
    """The JSON object of each path, in path order, on one line and without a line end."""
    members: dict[tuple[str, Optional[str]], str] = {}
    for row in path_rows(examination):
        yield _path_object(row, members)


def _path_object(row: PathRow, members: dict[tuple[str, Optional[str]], str]) -> str:
    """Put together by hand: a dict and ``json.dumps`` for each path would double the time of a report."""
    state = "null" if row.state is None else f'"{row.state}"'
    size = "null" if row.size is None else row.size
    mtime = "null" if row.mtime is None else repr(row.mtime)
    evidence = ", ".join([_evidence(item) for item in row.evidence])
    return (
        f'{{{_member("path", row.path)}, "type": "{row.type}", "mark": "{row.mark}", "state": {state}, '
        f'"confidence": "{row.confidence}", {_known_member("group", row.group, members)}, '
        f'{_known_member("deployment", row.deployment, members)}, "size": {size}, "mtime": {mtime}, '
        f'"next": "{row.next}", "evidence": [{evidence}]}}'
    )


def _member(name: str, text: Optional[str]) -> str:
    if text is not None and text.isascii():
        return f'"{name}": {quoted(text)}'
    return ", ".join(
        f'"{key}": {"null" if value is None else quoted(value)}' for key, value in exact(name, text).items()
    )


def _known_member(name: str, text: Optional[str], members: dict[tuple[str, Optional[str]], str]) -> str:
    """A member that many paths share, written once."""
    member = members.get((name, text))
    if member is None:
        member = members[name, text] = _member(name, text)
    return member


def _evidence(item: Evidence) -> str:
    speaks_for = "null" if item.for_mark is None else f'"{item.for_mark.label}"'
    return (
        f'{{"kind": {quoted(sentence(item.kind))}, "detail": {quoted(sentence(item.detail))}, '
        f'{_member("source", item.source)}, "for": {speaks_for}}}'
    )


def _agent(instance: Instance) -> dict[str, Any]:
    version, layout = instance.version, instance.layout
    processes: Optional[list[dict[str, Any]]] = None
    if instance.processes is not None:
        processes = [
            {
                "pid": process.pid,
                "name": sentence(process.name),
                **_place("cwd", process.cwd, instance),
                "started": process.started,
            }
            for process in instance.processes
        ]
    return {
        "version": None if version.text is None else sentence(version.text),
        **_place("version_source", version.path, instance),
        "generation": version.major,
        "platform": layout.platform,
        **_place("root_dir", layout.root_dir, instance),
        **_place("config", instance.config.path, instance),
        "max_revisions": instance.config.max_revisions,
        "processes": processes,
        "ongoing": [
            {
                **exact("deployment", ongoing.deployment_id),
                "command": sentence(ongoing.command_id),
                **_place("path", ongoing.path, instance),
                "mtime": ongoing.mtime,
            }
            for ongoing in instance.ongoing
        ],
    }


def _place(name: str, path: Optional[str], instance: Instance) -> dict[str, Optional[str]]:
    """The members for a path of the instance, in the form that its operator knows."""
    return exact(name, None if path is None else instance.native(path))


def _group(group: Group, tally: Tally, instance: Instance) -> dict[str, Any]:
    return {
        **exact("id", group.id),
        **_place("path", group.path, instance),
        **exact_list("deployments", [deployment.id for deployment in group.deployments]),
        "last_successful": _pointer(group.last_successful, instance),
        "most_recent": _pointer(group.most_recent, instance),
        "cleanup": _cleanup(group.cleanup, instance),
        "install_plan": _plan(group.plan, instance),
        **_summary(tally),
    }


def _pointer(pointer: Optional[Pointer], instance: Instance) -> Optional[dict[str, Any]]:
    if pointer is None:
        return None
    return {
        **exact("deployment", pointer.deployment_id),
        "exists": pointer.exists,
        **_place("target", pointer.target, instance),
        **_place("path", pointer.path, instance),
    }


def _cleanup(cleanup: Optional[CleanupFile], instance: Instance) -> Optional[dict[str, Any]]:
    if cleanup is None:
        return None
    return {
        **_place("path", cleanup.path, instance),
        "entries": len(cleanup.paths),
        "complete": cleanup.complete,
        "cut_off": cleanup.dropped is not None,
    }


def _plan(plan: Optional[InstallPlan], instance: Instance) -> Optional[dict[str, Any]]:
    return (
        None
        if plan is None
        else {**_place("path", plan.path, instance), "entries": len(plan), "complete": plan.complete}
    )


def _deployment(deployment: Deployment, archive: Optional[tuple[int, int]], instance: Instance) -> dict[str, Any]:
    return {
        **exact("id", deployment.id),
        **exact("group", deployment.group_id),
        **_place("path", deployment.path, instance),
        "archive": deployment.archive is not None,
        "archive_files": None if archive is None else archive[0],
        "archive_bytes": None if archive is None else archive[1],
        "bundle_bytes": deployment.bundle_size,
        "log_bytes": deployment.log_size,
        "appspec": _appspec(deployment.appspec, instance),
        "mtime": deployment.mtime,
    }


def _appspec(appspec: Optional[AppSpec], instance: Instance) -> Optional[dict[str, Any]]:
    if appspec is None:
        return None
    error = None if appspec.error is None else sentence(appspec.error)
    return {**_place("path", appspec.path, instance), "error": error, "error_line": appspec.error_line}


def _summary(tally: Tally) -> dict[str, Any]:
    """Files, directories and bytes by mark, paths and bytes by state; every mark and state, zeros too."""
    marks = {
        mark.label: {"files": tally.files[mark], "directories": tally.directories[mark], "bytes": tally.bytes[mark]}
        for mark in Mark
    }
    states = {
        state.label: {"paths": tally.state_paths[state], "bytes": tally.state_bytes[state]}
        for state in State
        if state not in (State.NONE, State.PENDING)
    }
    return {"marks": marks, "states": states}


def _finding(finding: Finding, instance: Instance) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.label,
        "title": sentence(finding.title),
        "detail": sentence(finding.detail),
        "advice": sentence(finding.advice),
        **exact("group", finding.group),
        **exact_list("paths", [instance.native(path) for path in finding.paths]),
        "count": max(finding.count, len(finding.paths)),
        **exact("source", finding.source),
    }
