"""Where an agent keeps its things, and where to look for its config. One maker for each kind of instance."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import Optional

from tui import windows_paths
from tui.agent.config import PROGRAM_DATA, Defaults, default_config, read_config, windows_defaults
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
PACKAGE_VERSION = "/opt/codedeploy-agent/.version"  # where the package puts it, of either version
ON_PREMISES = "/etc/codedeploy-agent/conf/codedeploy.onpremises.yml"
_PID_FILE = "codedeploy-agent.pid"  # version 2's, whatever the program's name is


class NoAgent(Exception):
    """No agent where the Root was looked at: ``looked`` are the places, ``str()`` the line to print."""

    def __init__(self, label: str, looked: tuple[str, ...]) -> None:
        # A Windows path keeps its forward slashes here, which no terminal needs escaped.
        places = ", ".join(path[1:] if windows_paths.native(path) != path else path for path in looked)
        super().__init__(
            f"{label}: no CodeDeploy agent found (looked for {places}); "
            "name another place with --agent-root DIR or --agent-config FILE"
        )
        self.label = label
        self.looked = looked


def linux_layout(config: AgentConfig, version: int = 1) -> Layout:
    """The places of an agent of ``version`` 1 (1.8.1) or 2 on Linux that runs with this config."""
    join = posixpath.join
    beside = join(posixpath.dirname(config.root_dir), ".version")
    on_premises = config.values.get("on_premises_config_file")
    return Layout(
        platform="linux",
        root_dir=config.root_dir,
        instructions_dir=join(config.root_dir, INSTRUCTIONS),
        deployment_logs_dir=join(config.root_dir, DEPLOYMENT_LOGS),
        ongoing_dir=join(config.root_dir, config.ongoing_deployment_tracking),
        agent_log=join(config.log_dir, config.program_name + ".log"),
        pid_file=join(config.pid_dir, _PID_FILE if version == 2 else config.program_name + ".pid"),
        version_files=tuple(dict.fromkeys((beside, PACKAGE_VERSION))),
        program_name=config.program_name,
        on_premises_config=on_premises if isinstance(on_premises, str) and on_premises[:1] == "/" else ON_PREMISES,
    )


def windows_layout(config: AgentConfig, version: int = 1, program_data: str = PROGRAM_DATA) -> Layout:
    """The places of an agent of ``version`` 1 (1.8.1) or 2 on Windows, in the program's form.

    Version 1 runs as a service and has no pid file.
    """
    join = posixpath.join
    home = windows_defaults(program_data).root_dir
    log = config.program_name + ".log" if version == 2 else "codedeploy-agent-log.txt"
    return Layout(
        platform="windows",
        root_dir=config.root_dir,
        instructions_dir=join(config.root_dir, INSTRUCTIONS),
        deployment_logs_dir=join(config.root_dir, DEPLOYMENT_LOGS),
        ongoing_dir=_below(config.root_dir, config.ongoing_deployment_tracking),
        agent_log=join(config.log_dir, log),
        pid_file=join(config.pid_dir, _PID_FILE) if version == 2 and config.pid_dir else "",
        version_files=tuple(dict.fromkeys((join(config.root_dir, ".version"), join(home, ".version")))),
        program_name=config.program_name,
        on_premises_config=join(home, "conf.onpremises.yml"),
    )


def _below(directory: str, name: str) -> str:
    return windows_paths.inside(f"{directory[1:]}/{name}") or posixpath.join(directory, name)


def layout_of(root: Root, config: AgentConfig, version: int = 1, program_data: str = PROGRAM_DATA) -> Layout:
    """The places for the Root's platform, in the disk's spelling."""
    if root.platform != "windows":
        return linux_layout(config, version)
    layout = windows_layout(config, version, program_data)
    spell = root.spelling
    return replace(
        layout,
        root_dir=spell(layout.root_dir),
        instructions_dir=spell(layout.instructions_dir),
        deployment_logs_dir=spell(layout.deployment_logs_dir),
        ongoing_dir=spell(layout.ongoing_dir),
        agent_log=spell(layout.agent_log),
        pid_file=layout.pid_file and spell(layout.pid_file),
        version_files=tuple(dict.fromkeys(map(spell, layout.version_files))),
        on_premises_config=layout.on_premises_config and spell(layout.on_premises_config),
    )


def config_files(root: Root, program_data: str = PROGRAM_DATA) -> tuple[str, ...]:
    """Where the Root's platform has the agent's config, in the order in which the agent looks."""
    if root.platform != "windows":
        return CONFIG_FILES
    return (root.spelling(windows_defaults(program_data).root_dir + "/conf.yml"),)


def find_config(
    root: Root,
    agent_root: Optional[str],
    agent_config: Optional[str],
    version: int = 1,
    program_data: str = PROGRAM_DATA,
) -> AgentConfig:
    """The agent's config: the named file, else the first of the usual ones, else the defaults.

    ``agent_root`` is the ``root_dir`` to use in its place, or the directory that holds a
    ``deployment-root``. Both are paths of the instance, on Windows as one writes them there or in the
    program's form. Raises NoAgent where a named one is not there.
    """
    windows = root.platform == "windows"
    defaults = windows_defaults(program_data, version) if windows else Defaults()
    candidates = config_files(root, program_data) if agent_config is None else (_absolute(root, agent_config),)
    config = default_config(defaults)
    for path in candidates:
        config = read_config(root, path, defaults)
        if config.path is not None:
            break
    if agent_config is not None and config.path is None:
        raise NoAgent(root.label, candidates)
    if windows:
        config = replace(config, root_dir=root.spelling(config.root_dir), log_dir=root.spelling(config.log_dir))
    if agent_root is None:
        return config
    directory = _absolute(root, agent_root)
    if not is_directory(root, directory):
        raise NoAgent(root.label, (directory,))
    below = posixpath.join(directory, "deployment-root")
    if not is_directory(root, posixpath.join(directory, INSTRUCTIONS)) and is_directory(root, below):
        directory = root.spelling(below)
    return replace(config, root_dir=directory)


def _absolute(root: Root, path: str) -> str:
    if root.platform == "windows":
        text = path.replace("\\", "/")
        found = (
            windows_paths.inside(text) or windows_paths.inside(text.lstrip("/")) or windows_paths.inside("C:/" + text)
        )
        return root.spelling(found or "/C:")
    return posixpath.normpath(posixpath.join("/", path)).replace("//", "/")
