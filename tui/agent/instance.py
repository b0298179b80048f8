"""Everything the agent recorded on an instance."""

from __future__ import annotations

import platform
from dataclasses import replace
from typing import Callable, Optional

from tui.agent.agent_log import read_agent_log
from tui.agent.config import PROGRAM_DATA
from tui.agent.deployments import group_ids, read_group
from tui.agent.deployments_log import read_deployments_logs
from tui.agent.failed_runs import match_failures
from tui.agent.layout import NoAgent, config_files, find_config, layout_of
from tui.agent.log_records import AgentLog
from tui.agent.ongoing import read_ongoing
from tui.agent.pid_file import read_pid_file
from tui.agent.reading import is_directory, never, read_record, stat_or_none
from tui.agent.records import (
    AgentConfig,
    AgentProcess,
    AgentVersion,
    Instance,
    Layout,
    Problem,
)  # fmt: skip
from tui.agent.rules import Rules
from tui.agent.users import read_names
from tui.agent.version import read_version, with_hints
from tui.disk.root import Root, RootError
from tui.paths import from_bytes

Processes = Callable[[Layout], tuple[AgentProcess, ...]]


def read_instance(
    root: Root,
    agent_root: Optional[str] = None,
    agent_config: Optional[str] = None,
    processes: Optional[Processes] = None,
    program_data: str = PROGRAM_DATA,
    cancelled: Callable[[], bool] = never,
) -> Instance:
    """Read all records of the agent. ``processes`` tells its processes; None where they cannot be known.

    ``agent_root`` and ``agent_config`` name unusual places, as paths of the instance; ``program_data`` is
    the value of %PROGRAMDATA% on a Windows instance. What is wrong with a record stands in that record's
    problems. Logs are left unread, and incomplete, once ``cancelled()`` is true. Raises NoAgent where there
    is neither a config nor a ``root_dir``.
    """
    problems: list[Problem] = []
    config, layout, version, agent_log = _agent(root, agent_root, agent_config, program_data, problems)
    if not is_directory(root, layout.root_dir):
        if config.path is None:
            raise NoAgent(root.label, (*config_files(root, program_data), layout.root_dir))
        message = "The config's root_dir is not there: no deployment yet, or it was removed or is not mounted."
        problems.append(Problem("root-dir-missing", layout.root_dir, message))
    running = tuple(_here(root, process) for process in processes(layout)) if processes else None
    sure = version.text is not None or version.hint is not None
    rules = Rules(root, version.rules, sure, _agent_user(root, layout, running), cancelled)
    groups = tuple(read_group(root, layout, group_id, rules) for group_id in group_ids(root, layout, problems))
    logs = read_deployments_logs(root, layout, problems, cancelled)
    groups, logs, agent_log = match_failures(groups, logs, agent_log)
    pid_file = read_pid_file(root, layout.pid_file, problems)
    windows = root.platform == "windows"
    users, group_names = ({}, {}) if windows else read_names(root, problems)
    return Instance(
        label=root.label,
        kind=root.kind,
        hostname=_hostname(root),
        config=config,
        layout=layout,
        version=version,
        groups=groups,
        ongoing=read_ongoing(root, layout, problems),
        logs=logs,
        processes=running,
        users=users,
        group_names=group_names,
        problems=tuple(problems),
        agent_log=agent_log,
        pid_file=pid_file,
    )


def _agent(
    root: Root, agent_root: Optional[str], agent_config: Optional[str], program_data: str, problems: list[Problem]
) -> tuple[AgentConfig, Layout, AgentVersion, Optional[AgentLog]]:
    """The agent's config, places and version, which depend on each other, and its log."""
    config = find_config(root, agent_root, agent_config, 1, program_data)
    layout = layout_of(root, config, 1, program_data)
    version = read_version(root, layout, problems)
    if version.rules == 2:
        config = find_config(root, agent_root, agent_config, 2, program_data)
        layout = layout_of(root, config, 2, program_data)
    log = read_agent_log(root, layout)
    version = with_hints(root, layout, version, log, problems)
    if version.text is None and version.rules == 2:
        config = find_config(root, agent_root, agent_config, 2, program_data)
        layout = layout_of(root, config, 2, program_data)
        log = read_agent_log(root, layout)
    return config, layout, version, log


def _agent_user(root: Root, layout: Layout, running: Optional[tuple[AgentProcess, ...]]) -> Optional[int]:
    """The agent's effective user: the running one's, else the owner of the directory that it keeps records in."""
    for process in running or ():
        if process.user is not None:
            return process.user
    stat = stat_or_none(root, layout.instructions_dir)
    return None if stat is None else stat.uid


def _here(root: Root, process: AgentProcess) -> AgentProcess:
    """A process of this machine, with what the file system tells of its working directory."""
    if root.kind != "machine" or process.cwd is None:
        return process
    try:
        text = root.read_link(f"/proc/{process.pid}/cwd")
        gone = text.endswith(" (deleted)") and root.stat(text) is None
    except (RootError, OSError):
        gone = False
    return replace(process, cwd_gone=gone) if gone else process


def _hostname(root: Root) -> Optional[str]:
    if root.kind == "machine":
        return platform.node() or None
    if root.platform == "windows":
        return None
    content, _ = read_record(root, "/etc/hostname", 4096)
    if content is None:
        return None
    lines = (line.strip() for line in from_bytes(content.data).split("\n"))
    return next((line for line in lines if line and not line.startswith("#")), None)
