"""Where an agent keeps its things, and where to look for its config. One maker for each kind of instance."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import Optional

from tui.agent.config import default_config, read_config
from tui.agent.reading import is_directory
from tui.agent.records import AgentConfig, Layout
from tui.disk.root import Root

# In the order in which agent 1.8.1 looks for them on Linux.
CONFIG_FILES = (
    "/etc/codedeploy-agent/conf/codedeployagent.yml",
    "/opt/codedeploy-agent/conf/codedeployagent.yml",
)
INSTRUCTIONS = "deployment-instructions"
DEPLOYMENT_LOGS = "deployment-logs"
_FALLBACK_VERSION = "/opt/codedeploy-agent/.version"


class NoAgent(Exception):
    """No agent where the Root was looked at: ``looked`` are the places, ``str()`` the line to print."""

    def __init__(self, label: str, looked: tuple[str, ...]) -> None:
        places = ", ".join(looked)
        super().__init__(
            f"{label}: no CodeDeploy agent found (looked for {places}); "
            "name another place with --agent-root DIR or --agent-config FILE"
        )
        self.label = label
        self.looked = looked


def linux_layout(config: AgentConfig) -> Layout:
    """The places of an agent 1.8.1 on Linux that runs with this config."""
    join = posixpath.join
    version = join(posixpath.dirname(config.root_dir), ".version")
    return Layout(
        platform="linux",
        root_dir=config.root_dir,
        instructions_dir=join(config.root_dir, INSTRUCTIONS),
        deployment_logs_dir=join(config.root_dir, DEPLOYMENT_LOGS),
        ongoing_dir=join(config.root_dir, config.ongoing_deployment_tracking),
        agent_log=join(config.log_dir, config.program_name + ".log"),
        pid_file=join(config.pid_dir, config.program_name + ".pid"),
        version_files=tuple(dict.fromkeys((version, _FALLBACK_VERSION))),
    )


def find_config(root: Root, agent_root: Optional[str], agent_config: Optional[str]) -> AgentConfig:
    """The agent's config: the named file, else the first of the usual ones, else the defaults.

    ``agent_root`` is the ``root_dir`` to use in its place, or the directory that holds a
    ``deployment-root``. Both are paths of the instance. Raises NoAgent where a named one is not there.
    """
    candidates = CONFIG_FILES if agent_config is None else (_absolute(agent_config),)
    config = default_config()
    for path in candidates:
        config = read_config(root, path)
        if config.path is not None:
            break
    if agent_config is not None and config.path is None:
        raise NoAgent(root.label, candidates)
    if agent_root is None:
        return config
    directory = _absolute(agent_root)
    if not is_directory(root, directory):
        raise NoAgent(root.label, (directory,))
    below = posixpath.join(directory, "deployment-root")
    if not is_directory(root, posixpath.join(directory, INSTRUCTIONS)) and is_directory(root, below):
        directory = below
    return replace(config, root_dir=directory)


def _absolute(path: str) -> str:
    return posixpath.normpath(posixpath.join("/", path)).replace("//", "/")
