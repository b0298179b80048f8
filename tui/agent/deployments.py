"""Deployment groups and what is left on disk of their deployments."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from typing import Optional

from tui.agent.appspec import find_appspec, other_names, read_appspec
from tui.agent.cleanup import read_cleanup
from tui.agent.install_json import read_install_plan
from tui.agent.plan_source import plan_deployments
from tui.agent.pointers import LAST_SUCCESSFUL, MOST_RECENT, read_pointer
from tui.agent.reading import is_directory, stat_or_none, unreadable, usable
from tui.agent.records import Deployment, Group, InstallPlan, Layout, Pointer, Problem
from tui.agent.scripts_log import read_scripts_log
from tui.disk.inventory import DIR, FILE, LINK
from tui.disk.root import NotThere, Root, RootError, Stat

CLEANUP, PLAN = "-cleanup", "-install.json"
ARCHIVE, BUNDLE, LOGS = "deployment-archive", "bundle.tar", "logs"
# Directories of a root_dir that are no groups: the agent's own (the last four on Windows), a volume's.
_NOT_GROUPS = frozenset(
    ["deployment-instructions", "deployment-logs", "ongoing-deployment", "lost+found", "log", "bin", "certs", "state"]
)
MAX_ENTRIES = 20_000  # of one directory, and of one deployment's logs


def group_ids(root: Root, layout: Layout, problems: Optional[list[Problem]] = None) -> tuple[str, ...]:
    """The ids of all groups, sorted: directories of ``root_dir``, and names of instruction files.

    Directories that cannot be listed are added to ``problems``.
    """
    gathered: list[Problem] = [] if problems is None else problems
    ongoing = posixpath.basename(layout.ongoing_dir)
    found = set()
    for name, stat in _list(root, layout.root_dir, gathered):
        hidden = name.startswith(".") or name in _NOT_GROUPS or name == ongoing
        if not hidden and _leads_to_directory(root, layout.root_dir, name, stat):
            found.add(name)
    for name, _ in _list(root, layout.instructions_dir, gathered):
        for ending in (CLEANUP, PLAN, LAST_SUCCESSFUL, MOST_RECENT):
            group_id = name[: -len(ending)]
            if name.endswith(ending) and group_id and not group_id.startswith("."):
                found.add(group_id)
    return tuple(sorted(found))


def read_group(root: Root, layout: Layout, group_id: str) -> Group:
    """All records of one group. What is wrong with a record stands in it, the rest in the group's problems."""
    problems: list[Problem] = []
    directory = posixpath.join(layout.root_dir, group_id)
    instruction = posixpath.join(layout.instructions_dir, group_id)
    there = is_directory(root, directory)
    last_successful = read_pointer(root, instruction + LAST_SUCCESSFUL)
    most_recent = read_pointer(root, instruction + MOST_RECENT)
    plan = read_install_plan(root, instruction + PLAN)
    deployments = _deployments(root, directory, group_id, problems) if there else []
    current = {pointer.deployment_id for pointer in (last_successful, most_recent) if pointer}
    problems.extend(_contradictions(layout, group_id, plan, last_successful, most_recent))
    return Group(
        id=group_id,
        path=directory if there else None,
        deployments=tuple(_with_appspec(root, deployment, deployment.id in current) for deployment in deployments),
        cleanup=read_cleanup(root, instruction + CLEANUP),
        plan=plan,
        last_successful=last_successful,
        most_recent=most_recent,
        problems=tuple(problems),
    )


def _list(root: Root, path: str, problems: list[Problem]) -> list[tuple[str, Stat]]:
    if not usable(path):
        return []
    try:
        return root.list(path)[:MAX_ENTRIES]
    except NotThere:
        return []
    except (RootError, OSError) as error:
        problems.append(unreadable(path, getattr(error, "reason", "I/O error")))
        return []


def _leads_to_directory(root: Root, directory: str, name: str, stat: Stat) -> bool:
    return stat.type == DIR or (stat.type == LINK and is_directory(root, posixpath.join(directory, name)))


def _deployments(root: Root, directory: str, group_id: str, problems: list[Problem]) -> list[Deployment]:
    found = []
    for name, stat in _list(root, directory, problems):
        if _leads_to_directory(root, directory, name, stat):
            found.append(_deployment(root, posixpath.join(directory, name), group_id, stat))
    return sorted(found, key=lambda deployment: (deployment.mtime, deployment.id))


def _deployment(root: Root, path: str, group_id: str, entry: Stat) -> Deployment:
    archive = posixpath.join(path, ARCHIVE)
    stat = stat_or_none(root, path) or entry
    bundle = stat_or_none(root, posixpath.join(path, BUNDLE))
    logs = posixpath.join(path, LOGS)
    problems: list[Problem] = []
    deployment_id = posixpath.basename(path)
    return Deployment(
        id=deployment_id,
        group_id=group_id,
        path=path,
        mtime=stat.mtime,
        archive=archive if is_directory(root, archive) else None,
        bundle_size=bundle.size if bundle else None,
        log=read_scripts_log(root, posixpath.join(logs, "scripts.log"), deployment_id),
        log_size=_size_below(root, logs, problems),
        problems=tuple(problems),
    )


def _size_below(root: Root, top: str, problems: list[Problem]) -> int:
    """Bytes of the files below a directory; links are not followed."""
    size, left, directories = 0, MAX_ENTRIES, [top]
    while directories and left > 0:
        directory = directories.pop()
        for name, stat in _list(root, directory, problems):
            left -= 1
            if stat.type == FILE:
                size += stat.size
            elif stat.type == DIR:
                directories.append(posixpath.join(directory, name))
    return size


def _with_appspec(root: Root, deployment: Deployment, current: bool) -> Deployment:
    """The deployment with its revision's appspec; an error in it matters where a pointer names the revision."""
    if deployment.archive is None:
        return deployment
    severity = "warning" if current else "info"
    path = find_appspec(root, deployment.archive)
    appspec = read_appspec(root, path) if path else None
    if path is None or appspec is None:
        problem = Problem("appspec-missing", deployment.archive, "The revision has no appspec.", severity=severity)
        return replace(deployment, problems=(*deployment.problems, problem))
    problems = list(deployment.problems)
    if appspec.error is not None:
        problems.append(Problem("appspec-error", path, appspec.error, appspec.error_line, severity))
    problems.extend(replace(problem, severity=severity) for problem in appspec.problems)
    problems.extend(other_names(root, deployment.archive, path))
    return replace(deployment, appspec=appspec, problems=tuple(problems))


def _contradictions(
    layout: Layout, group_id: str, plan: Optional[InstallPlan], last: Optional[Pointer], recent: Optional[Pointer]
) -> Iterator[Problem]:
    """Where the group's records do not fit together."""
    for pointer in (last, recent):
        above = posixpath.dirname(pointer.target.rstrip("/")) if pointer and pointer.deployment_id else None
        if pointer and above and posixpath.basename(above) != group_id:
            message = f"The pointer names {pointer.target}, which is not in the group's directory."
            yield Problem("pointer-elsewhere", pointer.path, message)
    if plan is None:
        return
    ids = plan_deployments(plan)
    if len(ids) > 1:
        yield Problem("plan-of-several", plan.path, f"The plan copies from several deployments: {', '.join(ids[:5])}.")
    named = {pointer.deployment_id for pointer in (last, recent) if pointer and pointer.deployment_id}
    if len(ids) == 1 and named and ids[0] not in named:
        # A deployment that failed while it installed, before one that failed earlier still, leaves this behind.
        message = f"The plan is {ids[0]}'s, which neither pointer names."
        yield Problem("plan-of-another-deployment", plan.path, message, severity="info")
