"""Records of an instance, made by hand for tests of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from tui.agent.records import AgentConfig, AgentVersion, Deployment, Group, Instance, Layout, LogFile, ScriptRun

ROOT_DIR = "/opt/codedeploy-agent/deployment-root"


def instance_with(**fields: Any) -> Instance:
    """An instance with the default layout and what is named."""
    config = AgentConfig(None, ROOT_DIR, "/var/log", "/run", "codedeploy-agent", 5, "ongoing-deployment")
    layout = Layout(
        "linux", ROOT_DIR, ROOT_DIR + "/deployment-instructions", ROOT_DIR + "/deployment-logs",
        ROOT_DIR + "/ongoing-deployment", "/var/log/agent.log", "/run/agent.pid", (),
    )  # fmt: skip
    return Instance("test", "directory", "host", config, layout, AgentVersion("1.8.1", None), **fields)


def group_of(group_id: str, *deployments: Deployment, **fields: Any) -> Group:
    """A group with its deployments."""
    return Group(group_id, f"{ROOT_DIR}/{group_id}", deployments, **fields)


def deployment_of(deployment_id: str, group_id: str, mtime: float = 0.0, **fields: Any) -> Deployment:
    """A deployment of which only the directory is left, if nothing else is named."""
    return Deployment(deployment_id, group_id, f"{ROOT_DIR}/{group_id}/{deployment_id}", mtime, **fields)


def run_of(event: str, start: float, last: Optional[float] = None, deployment_id: str = "d-ABCDEFGH1") -> ScriptRun:
    """A run of one script of an event; times in the log's local seconds."""
    last = start if last is None else last
    return ScriptRun(deployment_id, event, f"scripts/{event}.sh", start, last, None, 0.001, "/x/log", 3, 1)


def log_of(runs: Sequence[ScriptRun], utc_offset: Optional[int] = 0) -> LogFile:
    """A deployments log with these runs."""
    return LogFile("/x/log", 10, 0.0, utc_offset, tuple(runs))
