"""How a group's last deployment went: not installed, stopped midway, installed and failed afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Optional

from tui.agent.log_records import Failure
from tui.agent.records import COPY, MKDIR, Group, Instance
from tui.disk.inventory import DIR
from tui.disk.root import Root
from tui.forensics.evidence import at
from tui.forensics.examination import Examination
from tui.forensics.findings.columns import ORPHANED, rows_of
from tui.forensics.findings.hooks import FROM_LAST
from tui.forensics.findings.kept import in_revision
from tui.forensics.findings.making import PATHS_SHOWN, counted, make, named
from tui.forensics.findings.story import (
    AFTER_INSTALL,
    failures_of,
    last_install,
    newest,
    ongoing,
    planned_by,
    runs_of,
    said,
    source_of,
)
from tui.forensics.marks import Finding, State

_EXISTS = re.compile(r"already exists at this location: (.+)\Z", re.DOTALL)


def install_findings(instance: Instance) -> Iterator[Finding]:
    """One finding at most a group: the worst thing that is known of its last deployment."""
    for group in instance.groups:
        finding = _without_cleanup_file(instance, group)
        if finding is None:
            finding = _no_pointer(instance, group)
        if finding is None:
            finding = _not_completed(instance, group) or _failed_after(instance, group)
        if finding is not None:
            yield finding
        yield from _not_unpacked(instance, group)


# -- no cleanup file ---------------------------------------------------------------------------


def _without_cleanup_file(instance: Instance, group: Group) -> Optional[Finding]:
    if group.cleanup is not None or (group.plan is None and group.last_successful is None):
        return None
    record = group.last_successful if group.plan is None else group.plan  # an empty plan is false
    assert record is not None
    deployment_id = newest(group)
    failures = failures_of(instance, group, deployment_id) if deployment_id is not None else ()
    failure = next((f for f in reversed(failures) if f.event in (None, "Install")), None)
    if deployment_id is not None and ongoing(instance, deployment_id):
        more = f"Deployment {deployment_id} has an event in progress: it may be between its removals and its copies."
    elif failure is not None:
        more = f"Deployment {deployment_id} failed so. {said(failure)}"
    else:
        more = _how_lost(group, deployment_id)
    paths = _in_the_way(instance, failure)
    return make("no-cleanup-file", group, paths=paths, source=source_of(failure, record.path), more=more)


def _how_lost(group: Group, deployment_id: Optional[str]) -> str:
    """What the other records say of how the cleanup file went, no log telling."""
    last, recent, plan = group.last_successful, group.most_recent, group.plan
    if deployment_id is None or recent is None or last_install(group) == deployment_id:
        if last is not None and (plan is None or plan.mtime <= last.mtime):
            return "The last Install event completed, with the file written: something else than the agent removed it."
        return ""
    if plan is not None and deployment_id in planned_by(group):
        return f"{deployment_id} wrote its plan and was stopped before it wrote a line of its cleanup file."
    if plan is not None and plan.mtime < recent.mtime:
        return (
            f"install.json is older than {deployment_id}, which was unpacked after it and did not complete its "
            "Install: it failed while it made its list, as DISALLOW does on a file that exists, or was stopped there."
        )
    return f"{deployment_id} was unpacked last and did not complete its Install."


def _in_the_way(instance: Instance, failure: Optional[Failure]) -> tuple[str, ...]:
    found = _EXISTS.search(failure.message) if failure is not None else None
    path = instance.inside(found[1].strip()) if found is not None else None
    return (path,) if path is not None else ()


# -- no pointer to the last completed Install ------------------------------------------------------


def _no_pointer(instance: Instance, group: Group) -> Optional[Finding]:
    """An Install completed, by what was run after it, and no pointer says so."""
    if group.last_successful is not None or group.cleanup is None:
        return None
    recent = group.most_recent
    if recent is None:
        # The agent writes this one when it unpacks a revision, before the cleanup file.
        more = "The pointer to the revision that was unpacked last is not there either."
    else:
        deployment_id = recent.deployment_id
        if deployment_id is None or ongoing(instance, deployment_id):
            return None
        later = next((run for run in runs_of(instance, group, deployment_id) if run.event in AFTER_INSTALL), None)
        if later is None:
            return None
        more = f"{deployment_id} came to {later.event}, so its Install had completed."
    return make("pointer-missing", group, source=at(group.cleanup.path), more=more)


# -- a deployment that did not complete its Install -----------------------------------------------


def _not_completed(instance: Instance, group: Group) -> Optional[Finding]:
    """The newest deployment is not the one whose Install completed last, and a cleanup file is there."""
    deployment_id, recent = newest(group), group.most_recent
    if deployment_id is None or recent is None or deployment_id == last_install(group):
        return None
    if ongoing(instance, deployment_id) or group.cleanup is None:
        return None
    failures = failures_of(instance, group, deployment_id)
    failure = failures[-1] if failures else None
    if planned_by(group) != (deployment_id,):
        last = last_install(group)
        now = f"What is installed is {last}'s." if last is not None else "Nothing of the group was installed before."
        return make(
            "deployment-not-installed",
            group,
            source=source_of(failure, recent.path),
            more=" ".join(part for part in (now, said(failure) or _last_event(instance, group, deployment_id)) if part),
            deployment=deployment_id,
        )
    assert group.plan is not None
    planned = sum(1 for kind in group.plan.kinds if kind in (COPY, MKDIR))
    more = f"Its cleanup file lists {len(group.cleanup.paths):,} of {planned:,} planned paths. {said(failure)}"
    source = source_of(failure, group.cleanup.path)
    return make("install-interrupted", group, source=source, more=more.strip(), deployment=deployment_id)


def _not_unpacked(instance: Instance, group: Group) -> Iterator[Finding]:
    """Deployments after the one that was unpacked last, of which there is no revision."""
    recent = group.most_recent or group.last_successful
    since = recent.mtime if recent is not None else 0.0
    pointed = {last_install(group), newest(group)}
    found = [
        deployment
        for deployment in group.deployments
        if deployment.archive is None
        and deployment.mtime > since
        and deployment.id not in pointed
        and not ongoing(instance, deployment.id)
        # One that came to a later event had its revision, which was removed since.
        and all(run.event in FROM_LAST for run in runs_of(instance, group, deployment.id))
    ]
    if not found:
        return
    last = found[-1]
    failures = failures_of(instance, group, last.id)
    failure = failures[-1] if failures else None
    more = said(failure) or _last_event(instance, group, last.id)
    more += f" {len(found) - 1} more before it ended so." if len(found) > 1 else ""
    source = source_of(failure, last.log.path if last.log is not None else last.path)
    paths = [deployment.path for deployment in found]
    yield make("deployment-not-unpacked", group, paths=paths, source=source, more=more, deployment=last.id)


def _last_event(instance: Instance, group: Group, deployment_id: str) -> str:
    runs = runs_of(instance, group, deployment_id)
    if not runs:
        return "No log has a script of it."
    return f"The last script that its logs show is {runs[-1].location}, in {runs[-1].event}."


def with_files(finding: Finding, examination: Examination, root: Optional[Root], told: set[str]) -> Finding:
    """A finding of ``install_findings`` with the files that it is about, which are added to ``told``."""
    if finding.code == "install-interrupted":
        return _with_copied(finding, examination, told)
    if finding.code == "no-cleanup-file" and root is not None:
        return _with_blockers(finding, examination, root, told)
    return finding


def _group_of(finding: Finding, examination: Examination) -> tuple[int, Group]:
    return next((g, group) for g, group in enumerate(examination.instance.groups) if group.id == finding.group)


def _with_blockers(finding: Finding, examination: Examination, root: Root, told: set[str]) -> Finding:
    """A lost cleanup file with what stands where the revision that was unpacked last installs to."""
    g, group = _group_of(finding, examination)
    deployment = group.deployment(newest(group))
    if deployment is None or deployment.archive is None or deployment.appspec is None:
        return finding
    if deployment.id == last_install(group):
        return finding  # it did install; what the next one brings is not known
    found = in_revision(examination, root, g, deployment.id)
    if not found:
        return finding
    told.update(found)
    stand = counted(len(found), "path stands", "paths stand")
    more = f"{stand} where {deployment.id}'s revision has a file: with DISALLOW it fails on the first that it comes to."
    paths = tuple(dict.fromkeys((*finding.paths, *found)))
    return replace(finding, detail=f"{finding.detail} {more}", paths=paths[:PATHS_SHOWN], count=len(paths))


def _with_copied(finding: Finding, examination: Examination, told: set[str]) -> Finding:
    """An interrupted Install with what was copied and not recorded: the orphans that its plan has."""
    g, group = _group_of(finding, examination)
    found = unrecorded(examination, g, group)
    types = examination.inventory.type
    files = [row for row in found.values() if types[row] != DIR]
    if not files:
        return finding
    changed = sum(1 for row in files if examination.state[row] == State.MODIFIED)
    cut = f", {changed:,} of them not whole or changed" if changed else ""
    more = f"{counted(len(files), 'file')} of the plan are on disk without being listed{cut}."
    paths = tuple(found)
    told.update(paths)
    return replace(finding, detail=f"{finding.detail} {more}", paths=paths[:PATHS_SHOWN], count=len(paths))


def unrecorded(examination: Examination, g: int, group: Group) -> dict[str, int]:
    """Orphans of a group that its install plan makes, by path; names that no list can hold are left out."""
    assert group.plan is not None
    owner = examination.group
    rows = [row for row in rows_of(examination.mark, ORPHANED) if owner[row] == g]
    orphans = {path: row for row, path in examination.inventory.paths(rows)}
    if not orphans:
        return {}
    found = {path: orphans[path] for path in group.plan.paths if path in orphans}
    return {path: row for path, row in found.items() if "\n" not in path and path.strip() == path}


def lost_findings(examination: Examination, told: set[str]) -> Iterator[Finding]:
    """Groups whose last Install completed and whose cleanup file lacks what it made, which is added to ``told``."""
    for g, group in enumerate(examination.instance.groups):
        last, cleanup = last_install(group), group.cleanup
        if cleanup is None or group.plan is None or not cleanup.complete or planned_by(group) != (last,):
            continue
        found = unrecorded(examination, g, group)
        if not any(examination.inventory.type[row] != DIR for row in found.values()):
            continue
        pointer = group.last_successful
        more = f"It lists {len(cleanup.paths):,} paths; {last}'s plan makes more."
        if pointer is not None and cleanup.mtime > pointer.mtime + 1:
            more += " It was written after that Install had completed, so not by the agent."
        told.update(found)
        yield make("cleanup-lost-lines", group, paths=tuple(found), more=more, source=at(cleanup.path))


# -- a deployment whose Install completed ----------------------------------------------------------


def _failed_after(instance: Instance, group: Group) -> Optional[Finding]:
    deployment_id, pointer = last_install(group), group.last_successful
    if deployment_id is None or pointer is None or newest(group) != deployment_id or ongoing(instance, deployment_id):
        return None
    failures = [f for f in failures_of(instance, group, deployment_id) if f.event not in ("Install", "DownloadBundle")]
    failure = failures[-1] if failures else None
    never = _never_ran(instance, group, deployment_id)
    if failure is None and not never:
        return None
    more = said(failure)
    if never:
        more += f" No log shows that {named(never)} began, though the appspec has scripts for it."
    log = group.deployment(deployment_id)
    where = log.log.path if log is not None and log.log is not None else pointer.path
    source = source_of(failure, where)
    return make("failed-after-install", group, source=source, more=more.strip(), deployment=deployment_id)


def _never_ran(instance: Instance, group: Group, deployment_id: str) -> list[str]:
    """Events after Install that have scripts and that no log shows, where logs show the deployment at all."""
    deployment = group.deployment(deployment_id)
    if deployment is None or deployment.appspec is None or deployment.appspec.error is not None:
        return []
    if deployment.log is None or not deployment.log.complete:
        # Without a log of its own it may have run no script, or an operator cleared it away.
        return []
    begun = {run.event for run in runs_of(instance, group, deployment_id)}
    wanted = [event for event in AFTER_INSTALL if deployment.appspec.hooks.get(event)]
    return [event for event in wanted if event not in begun] if begun else []
