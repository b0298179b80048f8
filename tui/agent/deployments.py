"""Deployment groups and what is left on disk of their deployments."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Optional

from tui.agent.appspec import USUAL_NAMES, find_appspec, other_names, read_appspec
from tui.agent.cleanup import read_cleanup
from tui.agent.install_json import read_install_plan
from tui.agent.plan_source import plan_deployments
from tui.agent.pointers import LAST_SUCCESSFUL, MOST_RECENT, read_pointer
from tui.agent.reading import is_directory, leftovers, read_record, stat_or_none, unreadable, usable
from tui.agent.records import AppSpec, Deployment, Group, InstallPlan, Layout, Pointer, Problem
from tui.agent.rules import Rules
from tui.agent.scripts_log import read_scripts_log
from tui.disk.inventory import DIR, FILE, LINK
from tui.disk.root import NotThere, Root, RootError, Stat
from tui.paths import from_bytes
from tui.windows_paths import fold, native

CLEANUP, PLAN = "-cleanup", "-install.json"
ARCHIVE, BUNDLE, LOGS = "deployment-archive", "bundle.tar", "logs"
SOURCE, ETAG = ".bundle-source", ".bundle-etag"  # version 2's notes beside the bundle
# Directories of a root_dir that are no groups: the agent's own (the last four on Windows), a volume's.
_NOT_GROUPS = frozenset(
    ["deployment-instructions", "deployment-logs", "ongoing-deployment", "lost+found", "log", "bin", "certs", "state"]
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_LOCAL_GROUP = "default-local-deployment-group"
_NOTE = 4096  # bytes of a note
MAX_ENTRIES = 20_000  # of one directory, and of one deployment's logs


def group_ids(root: Root, layout: Layout, problems: Optional[list[Problem]] = None) -> tuple[str, ...]:
    """The ids of all groups, sorted: directories of ``root_dir``, and names of instruction files.

    On Windows ``root_dir`` holds the agent's other directories as well, so one counts only if its name is
    an id that AWS or the local tool gives, or if something of a deployment is in it. Directories that cannot
    be listed, and files that version 2 was stopped writing, are added to ``problems``.
    """
    gathered: list[Problem] = [] if problems is None else problems
    ongoing = posixpath.basename(layout.ongoing_dir)
    windows = layout.platform == "windows"
    found: set[str] = set()
    others: list[str] = []
    for name, stat in _list(root, layout.root_dir, gathered):
        hidden = name.startswith(".") or (name.lower() if windows else name) in _NOT_GROUPS or name == ongoing
        if hidden or not _leads_to_directory(root, layout.root_dir, name, stat):
            continue
        if not windows or _looks_like_group(root, posixpath.join(layout.root_dir, name)):
            found.add(name)
        else:
            others.append(name)
    same = {fold(name): name for name in (*others, *sorted(found))} if windows else {}
    records = _list(root, layout.instructions_dir, gathered)
    gathered.extend(leftovers(layout.instructions_dir, (name for name, _ in records)))
    for name, _ in records:
        for ending in (CLEANUP, PLAN, LAST_SUCCESSFUL, MOST_RECENT):
            group_id = name[: -len(ending)]
            if name.endswith(ending) and group_id and not group_id.startswith("."):
                found.add(same.get(fold(group_id), group_id) if windows else group_id)
    return tuple(sorted(found))


def _looks_like_group(root: Root, directory: str) -> bool:
    """Whether a directory of a Windows ``root_dir`` is a group's by its name or by what is in it."""
    name = posixpath.basename(directory)
    if _UUID.match(name) or name.lower() == _LOCAL_GROUP:
        return True
    for child, stat in _list(root, directory, []):
        if stat.type == DIR and any(
            stat_or_none(root, posixpath.join(directory, child, part)) for part in (ARCHIVE, BUNDLE)
        ):
            return True
    return False


def read_group(root: Root, layout: Layout, group_id: str, rules: Optional[Rules] = None) -> Group:
    """All records of one group. What is wrong with a record stands in it, the rest in the group's problems."""
    rules = rules or Rules(root)
    problems: list[Problem] = []
    directory = posixpath.join(layout.root_dir, group_id)
    instruction = posixpath.join(layout.instructions_dir, group_id)
    there = is_directory(root, directory)
    last_successful = read_pointer(root, instruction + LAST_SUCCESSFUL, rules)
    most_recent = read_pointer(root, instruction + MOST_RECENT, rules)
    plan = read_install_plan(root, instruction + PLAN, rules)
    deployments = _deployments(root, directory, group_id, rules, problems) if there else []
    current = {pointer.deployment_id for pointer in (last_successful, most_recent) if pointer}
    problems.extend(_contradictions(layout, group_id, plan, last_successful, most_recent))
    return Group(
        id=group_id,
        path=directory if there else None,
        deployments=tuple(
            _with_appspec(root, deployment, deployment.id in current, rules.version) for deployment in deployments
        ),
        cleanup=read_cleanup(root, instruction + CLEANUP, rules),
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


def _deployments(root: Root, directory: str, group_id: str, rules: Rules, problems: list[Problem]) -> list[Deployment]:
    found = []
    for name, stat in _list(root, directory, problems):
        if _leads_to_directory(root, directory, name, stat):
            found.append(_deployment(root, posixpath.join(directory, name), group_id, stat, rules))
    return sorted(found, key=lambda deployment: (deployment.mtime, deployment.id))


def _deployment(root: Root, path: str, group_id: str, entry: Stat, rules: Rules) -> Deployment:
    archive = posixpath.join(path, ARCHIVE)
    stat = stat_or_none(root, path) or entry
    bundle = stat_or_none(root, posixpath.join(path, BUNDLE))
    logs = posixpath.join(path, LOGS)
    problems: list[Problem] = []
    if stat_or_none(root, archive) is None:
        _list(root, archive, problems)  # says why, where something is there
    source, etag = (_note(root, posixpath.join(path, name), problems) for name in (SOURCE, ETAG))
    deployment_id = posixpath.basename(path)
    return Deployment(
        id=deployment_id,
        group_id=group_id,
        path=path,
        mtime=stat.mtime,
        archive=archive if is_directory(root, archive) else None,
        bundle_size=bundle.size if bundle else None,
        log=read_scripts_log(root, posixpath.join(logs, "scripts.log"), deployment_id, rules.cancelled),
        log_size=_size_below(root, logs, problems),
        problems=tuple(problems),
        bundle_file=(bundle.device, bundle.inode) if bundle else None,
        bundle_links=bundle.links if bundle else 1,
        bundle_source=source,
        bundle_etag=etag,
    )


def _note(root: Root, path: str, problems: list[Problem]) -> Optional[str]:
    content, problem = read_record(root, path, _NOTE)
    if problem is not None:
        problems.append(replace(problem, severity="info"))
    return from_bytes(content.data).strip() if content else None


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


def _unreachable(root: Root, archive: str) -> Optional[Problem]:
    """Why it cannot be told whether a revision has an appspec; None where it can."""
    try:
        for name in USUAL_NAMES:
            root.stat(posixpath.join(archive, name))
        root.list(archive)
    except NotThere:
        return None
    except (RootError, OSError) as error:
        path = getattr(error, "path", archive)
        return unreadable(path, getattr(error, "reason", None) or "I/O error")
    return None


def _with_appspec(root: Root, deployment: Deployment, current: bool, version: int) -> Deployment:
    """The deployment with its revision's appspec; an error in it matters where a pointer names the revision."""
    if deployment.archive is None:
        return deployment
    severity = "warning" if current else "info"
    path = find_appspec(root, deployment.archive)
    appspec = read_appspec(root, path, version) if path else None
    if path is None or appspec is None:
        refused = _unreachable(root, deployment.archive)
        if refused is not None:
            problem = replace(refused, severity=severity)
            usual = posixpath.join(deployment.archive, USUAL_NAMES[0])
            appspec = AppSpec(usual, error=refused.message, unreadable=True)
            return replace(deployment, appspec=appspec, problems=(*deployment.problems, problem))
        problem = Problem("appspec-missing", deployment.archive, "The revision has no appspec.", severity=severity)
        return replace(deployment, problems=(*deployment.problems, problem))
    problems = list(deployment.problems)
    _list(root, deployment.archive, problems)  # files of a revision that cannot be listed are not told
    if appspec.error is not None:
        found = Problem("appspec-error", path, appspec.error, appspec.error_line, severity)
        problems.append(replace(found, code="record-unreadable") if appspec.unreadable else found)
    problems.extend(replace(problem, severity=severity) for problem in appspec.problems)
    problems.extend(other_names(root, deployment.archive, path))
    return replace(deployment, appspec=appspec, problems=tuple(problems))


def _contradictions(
    layout: Layout, group_id: str, plan: Optional[InstallPlan], last: Optional[Pointer], recent: Optional[Pointer]
) -> Iterator[Problem]:
    """Where the group's records do not fit together."""
    for pointer in (last, recent):
        above = posixpath.dirname(pointer.target.rstrip("/")) if pointer and pointer.deployment_id else None
        windows = layout.platform == "windows"
        above = posixpath.basename(above) if above else None
        if pointer and above and (fold(above) != fold(group_id) if windows else above != group_id):
            target = native(pointer.target) if windows else pointer.target
            message = f"The pointer names {target}, which is not in the group's directory."
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
