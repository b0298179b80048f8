"""The agent itself: what it is doing, whether it runs, and what is not known of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Optional

from tui.agent.processes import agents
from tui.agent.records import Instance, OngoingDeployment
from tui.disk.root import Root, RootError
from tui.forensics.evidence import at
from tui.forensics.examination import Examination
from tui.forensics.findings.making import counted, make, named, span_of
from tui.forensics.findings.records import OF_VERSIONS
from tui.forensics.marks import Finding, Mark, Severity

STALE_AFTER = 86_400  # seconds after which the agent takes a tracking file for stale (1.8.1)
_RESTART = "Restart the agent when no deployment runs: version 2 fails each deployment that has such a file then."
LINKS_ASKED = 500  # listed links that are asked where they lead


def empty_findings(instance: Instance) -> Iterator[Finding]:
    """A root_dir without any group: no deployment yet, or somebody emptied it."""
    if instance.groups or any(problem.code == "root-dir-missing" for problem in instance.problems):
        return
    place = instance.layout.root_dir
    failures = instance.agent_log.failures if instance.agent_log is not None else ()
    run = next((run for log in instance.logs for run in log.runs), None)
    failure = next((failure for failure in failures if failure.deployment_id is not None), None)
    told = run or failure
    if told is None:
        yield make("no-records", paths=[place])
        return
    more = f"A log still tells of {told.deployment_id or 'a deployment'}, so its records were removed."
    yield make("no-records", paths=[place], severity=Severity.WARNING, source=at(told.source, told.line), more=more)


def ongoing_findings(instance: Instance, now: Optional[float]) -> Iterator[Finding]:
    """Tracking files: deployments in progress, and what a dead agent left."""
    stale = [o for o in instance.ongoing if now is not None and now - o.mtime > STALE_AFTER]
    live = [o for o in instance.ongoing if o not in stale]
    if stale:
        ages = [span_of(now - o.mtime) for o in stale] if now is not None else []
        yield make(
            "stale-ongoing-deployment",
            paths=[o.path for o in stale],
            source=at(stale[0].path),
            more=f"Written {named(ages)} ago.",
            advice=_RESTART if instance.version.rules == 2 else None,
            deployment=named([o.deployment_id for o in stale]),
        )
    if live:
        yield _in_progress(instance, live)
    if len(instance.ongoing) > 1 and instance.version.rules == 1:
        yield make(
            "several-ongoing-deployments",
            paths=[o.path for o in instance.ongoing],
            source=at(instance.ongoing[0].path),
            number=str(len(instance.ongoing)),
        )


def _in_progress(instance: Instance, live: list[OngoingDeployment]) -> Finding:
    more, advice = "", None
    if instance.processes == ():
        more = "No agent runs on this machine now, so the file was left by one that died."
        advice = "Start the agent: it fails the event and removes the file."
    return make(
        "deployment-in-progress",
        paths=[o.path for o in live],
        source=at(live[0].path),
        more=more,
        advice=advice,
        deployment=named([o.deployment_id for o in live]),
    )


def process_findings(instance: Instance) -> Iterator[Finding]:
    """The agent's processes, where this machine's can be known."""
    if instance.processes is None:
        return
    if not instance.processes:
        pid_file = instance.pid_file
        left = ""
        if pid_file is not None and pid_file.pid is not None:
            left = f"Its pid file still names process {pid_file.pid}: the agent did not end in good order."
        yield make("agent-not-running", more=left, source=at(pid_file.path) if pid_file is not None else None)
        return
    masters = agents(instance.processes)
    if len(masters) > 1:
        pids = named([str(process.pid) for process in masters])
        yield make("two-agents", more=f"Processes: {pids}.", number=str(len(masters)))
    gone = [process for process in instance.processes if process.cwd_gone]
    if gone:
        pids = named([str(process.pid) for process in gone])
        where = next((f"It was {process.cwd}. " for process in gone if process.cwd), "")
        yield make("agent-directory-gone", more=f"{where}Processes: {pids}.")


def version_findings(
    instance: Instance, examination: Optional[Examination] = None, root: Optional[Root] = None
) -> Iterator[Finding]:
    """That the version is not known, and what version 2 would do otherwise with this very instance."""
    version = instance.version
    if version.major is not None:
        return
    if version.hint is not None:
        detail = (
            f"No version file says it. Other things on disk speak for version {version.hint}, whose rules are used."
        )
        yield make("agent-version-unknown", detail=detail)
        return
    differences, paths = _differences(instance)
    if examination is not None and root is not None:
        dangling = _dangling(examination, root)
        if dangling:
            paths += dangling
            links = counted(len(dangling), "listed link")
            differences.append(f"{links} that lead nowhere: version 1 removes them, version 2 leaves them.")
    if differences:
        more = "Here it matters: " + " ".join(dict.fromkeys(differences))
    else:
        more = "Nothing was found on this instance that the two versions would treat differently."
    yield make("agent-version-unknown", paths=list(dict.fromkeys(paths)), more=more)


def _differences(instance: Instance) -> tuple[list[str], list[str]]:
    """What version 2 would make of the records otherwise, and which records."""
    differences, paths = [], []
    for group in instance.groups:
        for problem in group.cleanup.problems if group.cleanup is not None else ():
            if problem.code in OF_VERSIONS:
                paths.append(problem.path)
                differences.append(problem.message)
        if group.last_successful is not None and not group.last_successful.exists:
            differences.append("Version 2 would skip the scripts of a last successful revision that is gone.")
    return differences, paths


def _dangling(examination: Examination, root: Root) -> list[str]:
    """Listed links that lead nowhere, of the first few hundred links."""
    inventory, mark = examination.inventory, examination.mark
    rows = [row for row in sorted(inventory.targets) if mark[row] == Mark.DEPLOYED][:LINKS_ASKED]
    found = []
    for _, path in inventory.paths(rows):
        with contextlib.suppress(RootError, OSError):
            if root.stat(path) is None:
                found.append(path)
    return found
