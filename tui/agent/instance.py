"""Everything the agent recorded on an instance."""

from __future__ import annotations

import platform
from typing import Callable, Optional

from tui.agent.deployments import group_ids, read_group
from tui.agent.deployments_log import read_deployments_logs
from tui.agent.layout import CONFIG_FILES, NoAgent, find_config, linux_layout
from tui.agent.ongoing import read_ongoing
from tui.agent.reading import is_directory, read_record
from tui.agent.records import AgentProcess, Instance, Layout, Problem
from tui.agent.users import read_names
from tui.agent.version import read_version
from tui.disk.root import Root
from tui.paths import from_bytes

Processes = Callable[[Layout], tuple[AgentProcess, ...]]


def read_instance(
    root: Root,
    agent_root: Optional[str] = None,
    agent_config: Optional[str] = None,
    processes: Optional[Processes] = None,
) -> Instance:
    """Read all records of the agent. ``processes`` tells its processes; None where they cannot be known.

    ``agent_root`` and ``agent_config`` name unusual places, as paths of the instance. What is wrong
    with a record stands in that record's problems. Raises NoAgent where there is neither a config nor a
    ``root_dir``.
    """
    config = find_config(root, agent_root, agent_config)
    layout = linux_layout(config)
    problems: list[Problem] = []
    if not is_directory(root, layout.root_dir):
        if config.path is None:
            raise NoAgent(root.label, (*CONFIG_FILES, layout.root_dir))
        message = "The config's root_dir is not there: no deployment yet, or it was removed or is not mounted."
        problems.append(Problem("root-dir-missing", layout.root_dir, message))
    groups = tuple(read_group(root, layout, group_id) for group_id in group_ids(root, layout, problems))
    users, group_names = read_names(root)
    return Instance(
        label=root.label,
        kind=root.kind,
        hostname=_hostname(root),
        config=config,
        layout=layout,
        version=read_version(root, layout),
        groups=groups,
        ongoing=read_ongoing(root, layout, problems),
        logs=read_deployments_logs(root, layout, problems),
        processes=processes(layout) if processes else None,
        users=users,
        group_names=group_names,
        problems=tuple(problems),
    )


def _hostname(root: Root) -> Optional[str]:
    if root.kind == "machine":
        return platform.node() or None
    content, _ = read_record(root, "/etc/hostname", 4096)
    if content is None:
        return None
    lines = (line.strip() for line in from_bytes(content.data).split("\n"))
    return next((line for line in lines if line and not line.startswith("#")), None)
