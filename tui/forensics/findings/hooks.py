"""The scripts that the next deployment runs from the revision that is on the instance now."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple, Optional

from tui.agent.records import Deployment, Group, HookScript, Instance
from tui.disk.inventory import FILE
from tui.disk.root import Root, RootError
from tui.forensics.evidence import at
from tui.forensics.findings.making import make
from tui.forensics.findings.story import last_install
from tui.forensics.marks import Finding, Severity
from tui.paths import from_bytes

# Run from the last completed Install's revision (agent/hook_executor.rb of version 1.8.1).
STOP = "ApplicationStop"
FROM_LAST = (STOP, "BeforeBlockTraffic", "AfterBlockTraffic")
SCRIPTS_ASKED = 50  # scripts of one event that are looked at
_FIRST_LINE = 4096  # bytes
_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


class _Script(NamedTuple):
    """A script, and what is wrong with it, by severity; ``missing``: it is not there."""

    hook: HookScript
    path: Optional[str]
    severity: Optional[Severity] = None
    reason: str = ""
    missing: bool = False
    remark: str = ""


def script_findings(instance: Instance, root: Root) -> Iterator[Finding]:
    """For each group what runs first in its next deployment, and whether it can."""
    whole = _is_whole_system(root)
    for group in instance.groups:
        deployment = group.deployment(last_install(group))
        if deployment is None or group.last_successful is None or not group.last_successful.exists:
            continue  # there is no such revision, or its pointer is told of as gone
        if _hidden(deployment):
            continue  # told as a record that cannot be read: whether the agent can is not known
        if deployment.archive is None or deployment.appspec is None or deployment.appspec.error is not None:
            yield from _unreadable(instance, group, deployment)
            continue
        scripts = [
            _judge(instance, root, deployment.archive, hook, whole)
            for event in FROM_LAST
            for hook in deployment.appspec.hooks.get(event, ())[:SCRIPTS_ASKED]
        ]
        yield from _of_group(instance, group, deployment, scripts)


def _hidden(deployment: Deployment) -> bool:
    """Whether the appspec is out of sight: neither read nor known to be missing."""
    if deployment.appspec is not None:
        return deployment.appspec.unreadable
    archive = f"{deployment.path}/deployment-archive"
    return any(problem.code == "record-unreadable" and problem.path == archive for problem in deployment.problems)


def _is_whole_system(root: Root) -> bool:
    """Whether the place holds a system, so that an interpreter that is not there is missing."""
    if root.platform == "windows":
        return False
    try:
        return root.kind == "machine" or root.stat("/bin/sh") is not None
    except RootError:
        return False


def _unreadable(instance: Instance, group: Group, deployment: Deployment) -> Iterator[Finding]:
    """The revision's appspec is gone or is refused."""
    if deployment.archive is None:
        why = f"The archive of {deployment.id} is gone, and its appspec with it."
    elif deployment.appspec is None:
        why = f"The revision of {deployment.id} has no appspec."
    else:
        why = f"The appspec of {deployment.id} is refused: {deployment.appspec.error}"
    if instance.version.rules == 2 and deployment.archive is None:
        severity, follows = Severity.WARNING, "Version 2 then skips the event without a word."
    else:
        severity, follows = Severity.CRITICAL, "The event fails there, and the deployment with it."
    source = at(deployment.appspec.path) if deployment.appspec is not None else at(deployment.path)
    yield make(
        "application-stop-cannot-run",
        group,
        severity=severity,
        source=source,
        paths=(deployment.archive or deployment.path,),
        more=f"{why} {follows}",
        advice=_unpack(instance) if deployment.archive is None else None,
    )


def _unpack(instance: Instance) -> str:
    otherwise = (
        "stop the application by hand before the next deployment"
        if instance.version.rules == 2
        else "deploy once with --ignore-application-stop-failures of aws deploy create-deployment"
    )
    return f"Unpack the revision into its deployment-archive again where you have it, or {otherwise}."


def _judge(instance: Instance, root: Root, archive: str, hook: HookScript, whole: bool) -> _Script:
    path = instance.below(archive, hook.location)
    try:
        stat = root.stat(path) if path is not None and "\0" not in path else None
        if stat is None or path is None:
            return _Script(hook, path, Severity.CRITICAL, "it is not there", missing=True)
        if stat.type != FILE:
            return _Script(hook, path, Severity.CRITICAL, "it is no regular file")
        if instance.windows:
            return _Script(hook, path)
        severity, reason = _interpreter(root, path, whole)
    except RootError as error:
        return _Script(hook, path, Severity.WARNING, f"it cannot be looked at: {error.reason}")
    if severity is None and hook.runas and instance.users and hook.runas not in instance.users.values():
        severity, reason = Severity.WARNING, f"its user {hook.runas} is not in /etc/passwd"
    remark = ""
    if not stat.mode & 0o111:
        remark = "not executable; version 1 makes it so" if instance.version.rules == 1 else "not executable"
    return _Script(hook, path, severity, reason, remark=remark)


def _interpreter(root: Root, path: str, whole: bool) -> tuple[Optional[Severity], str]:
    """What is wrong with the first line of a script. A program or a script without one is not judged."""
    data = root.read(path, _FIRST_LINE).data
    if not data.startswith(b"#!"):
        return None, ""
    line = data.split(b"\n", 1)[0][2:]
    if line.endswith(b"\r"):
        return Severity.CRITICAL, "its lines end as on Windows, so the system looks for an interpreter named with a CR"
    words = from_bytes(line).split()
    if not words or not whole or not words[0].startswith("/") or b"\0" in line:
        return None, ""
    if root.stat(words[0]) is None:
        return Severity.CRITICAL, f"its interpreter {words[0]} is not there"
    by_name = (
        posixpath.basename(words[0]) == "env" and len(words) > 1 and "=" not in words[1] and words[1][0] not in "-/"
    )
    if by_name and not any(root.stat(f"{directory}/{words[1]}") for directory in _PATH):
        return Severity.WARNING, f"its interpreter {words[1]} is in none of the usual directories"
    return None, ""


def _of_group(instance: Instance, group: Group, deployment: Deployment, scripts: list[_Script]) -> Iterator[Finding]:
    assert deployment.appspec is not None
    appspec = deployment.appspec.path
    stop = [s for s in scripts if s.hook.event == STOP and s.severity is not None]
    traffic = [s for s in scripts if s.hook.event != STOP and s.severity is not None]
    missing = [s for s in stop if s.missing]
    for code, bad in (
        ("application-stop-missing", missing),
        ("application-stop-cannot-run", [s for s in stop if not s.missing]),
        ("block-traffic-cannot-run", traffic),
    ):
        if bad:
            severity = min(s.severity for s in bad if s.severity is not None)
            yield make(
                code,
                group,
                severity=max(severity, Severity.WARNING) if bad is traffic else severity,
                paths=[s.path for s in bad if s.path is not None],
                source=at(appspec, bad[0].hook.line),
                more=f"In {deployment.id}: " + "; ".join(f"{_named(s)}: {s.reason}" for s in bad[:5]) + ".",
            )
    if scripts and not stop and not traffic:
        listed = "; ".join(_named(s) + (f" ({s.remark})" if s.remark else "") for s in scripts[:10])
        yield make(
            "next-scripts",
            group,
            paths=[s.path for s in scripts if s.path is not None],
            source=at(appspec, scripts[0].hook.line),
            more=f"They are there: {listed}.",
            deployment=deployment.id,
        )


def _named(script: _Script) -> str:
    user = f" as {script.hook.runas}" if script.hook.runas else ""
    return f"{script.hook.event} {script.hook.location}{user}"
