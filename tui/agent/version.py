"""The agent's version: what its version file says, and what else on disk speaks for one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Optional

from tui.agent.layout import PACKAGE_VERSION
from tui.agent.log_records import AgentLog
from tui.agent.reading import is_directory, read_record, stat_or_none, usable
from tui.agent.records import AgentVersion, Layout, Problem
from tui.disk.inventory import DIR, LINK
from tui.disk.root import Root, RootError

LIMIT = 4096
HOME = "/opt/codedeploy-agent"
_LOCAL_TOOL = HOME + "/bin/codedeploy-local"  # version 2: a link to the one program there is
_GEMS = (HOME + "/vendor/gems", HOME + "/lib/instance_agent")  # version 1 is a Ruby program
_NOTES = (".bundle-etag", ".bundle-source")
_LOOKED_AT = 2000  # deployments looked at for version 2's notes
# Version 1 writes "agent_version: OFFICIAL_1.8.1-9_deb", version 2 "agent_version: 2.1.0" and no newline.
_VERSION = re.compile(rb"agent_version:[ \t]*(?:[A-Za-z]+_)?([0-9]{1,6}(?:\.[0-9]{1,9}){1,3})")


def read_version(root: Root, layout: Layout, problems: Optional[list[Problem]] = None) -> AgentVersion:
    """The version from the first of the layout's version files that tells one; text None where none does.

    Version 1 looks beside ``root_dir`` first (on Windows in it). Where files disagree on the major
    version, the one that the package put there counts, and ``problems`` gets a word of it.
    """
    kept = [] if problems is None else problems
    found = [version for version in (_read(root, path, kept) for path in layout.version_files) if version is not None]
    if not found:
        return AgentVersion(None, None)
    chosen = found[0]
    other = next((version for version in found if version.major != chosen.major), None)
    if other is not None:
        if other.path == PACKAGE_VERSION or (root.platform == "windows" and (other.major or 0) >= 2):
            chosen, other = other, chosen
        message = f"Another version file says {other.text}; what is installed says {chosen.text}, which counts."
        kept.append(Problem("version-files-differ", other.path or "", message))
    return chosen


def _read(root: Root, path: str, problems: list[Problem]) -> Optional[AgentVersion]:
    content, problem = read_record(root, path, LIMIT)
    if problem is not None:
        problems.append(problem)
    match = _VERSION.search(content.data) if content else None
    return AgentVersion(match[1].decode("ascii"), path) if match else None


def with_hints(
    root: Root, layout: Layout, version: AgentVersion, log: Optional[AgentLog], problems: list[Problem]
) -> AgentVersion:
    """The version with the hint that other traces give where no version file tells, the most telling first.

    A trace that contradicts the version file is added to ``problems``: the file can be older than the agent.
    """
    traces = list(_traces(root, layout, log))
    if version.text is None:
        if not traces:
            return version
        major, _, path = traces[0]
        against = [what for other, what, _ in traces if other != major]
        if against:
            message = f"The version is not written down, and traces disagree: {traces[0][1]}, but {against[0]}."
            problems.append(Problem("version-contradicted", path, message))
        return replace(version, hint=major)
    for major, what, path in traces:
        if version.major == 1 and major == 2:
            message = f"The version file says {version.text}, but {what}: files may be treated by version 2's rules."
            problems.append(Problem("version-contradicted", path, message))
            break
    return version


def _traces(root: Root, layout: Layout, log: Optional[AgentLog]) -> Iterator[tuple[int, str, str]]:
    """``(major version, what speaks for it, where)``, the most telling first."""
    if layout.platform != "windows":
        stat = stat_or_none(root, _LOCAL_TOOL, follow=False)
        if stat is not None and stat.type == LINK and _leads_to_agent(root):
            yield 2, "codedeploy-local is a link to codedeploy-agent, as in version 2", _LOCAL_TOOL
        else:
            gems = next((path for path in _GEMS if is_directory(root, path)), None)
            if gems is not None:
                yield 1, f"{gems} holds version 1's program", gems
    if log is not None and log.form is not None:
        yield log.form, f"the agent's log ends in version {log.form}'s form", log.path
    if log is None or log.form != 2:
        note = _note(root, layout)
        if note is not None:
            yield 2, "a deployment has notes beside its bundle that only version 2 makes", note


def _leads_to_agent(root: Root) -> bool:
    try:
        return posixpath.basename(root.read_link(_LOCAL_TOOL)) == "codedeploy-agent"
    except (RootError, OSError):
        return False


def _note(root: Root, layout: Layout) -> Optional[str]:
    """One of version 2's notes in a deployment's directory."""
    looked = 0
    for group in _directories(root, layout.root_dir):
        for deployment in _directories(root, group):
            for name in _NOTES:
                path = posixpath.join(deployment, name)
                if stat_or_none(root, path) is not None:
                    return path
            looked += 1
            if looked >= _LOOKED_AT:
                return None
    return None


def _directories(root: Root, path: str) -> list[str]:
    try:
        entries = root.list(path) if usable(path) else []
    except (RootError, OSError):
        return []
    return [posixpath.join(path, name) for name, stat in entries if stat.type == DIR and not name.startswith(".")]
