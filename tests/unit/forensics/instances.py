"""Records of an instance, made by hand for tests of the engine."""

from __future__ import annotations

from typing import Any

from tui.agent.records import AgentConfig, AgentVersion, Instance, Layout

ROOT_DIR = "/opt/codedeploy-agent/deployment-root"


def instance_with(**fields: Any) -> Instance:
    """An instance with the default layout and what is named."""
    config = AgentConfig(None, ROOT_DIR, "/var/log", "/run", "codedeploy-agent", 5, "ongoing-deployment")
    layout = Layout(
        "linux", ROOT_DIR, ROOT_DIR + "/deployment-instructions", ROOT_DIR + "/deployment-logs",
        ROOT_DIR + "/ongoing-deployment", "/var/log/agent.log", "/run/agent.pid", (),
    )  # fmt: skip
    return Instance("test", "directory", "host", config, layout, AgentVersion("1.8.1", None), **fields)
