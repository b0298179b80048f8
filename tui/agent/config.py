"""The agent's config file."""

from __future__ import annotations

import posixpath
from typing import Any, Optional

from tui.agent import psych
from tui.agent.reading import read_record
from tui.agent.records import AgentConfig, Problem
from tui.agent.ruby import RubyObject, inspect, integer
from tui.disk.root import Root

LIMIT = 1 << 18  # bytes; the real file has a few hundred
DEFAULT_ROOT_DIR = "/opt/codedeploy-agent/deployment-root"
DEFAULT_LOG_DIR = "/var/log/aws/codedeploy-agent"
DEFAULT_PID_DIR = "/opt/codedeploy-agent/state/.pid"
DEFAULT_PROGRAM_NAME = "codedeploy-agent"
DEFAULT_MAX_REVISIONS = 5
DEFAULT_TRACKING = "ongoing-deployment"


def read_config(root: Root, path: str) -> AgentConfig:
    """The config file at a path of the instance, defaults where it is silent (agent 1.8.1).

    Keys are Ruby symbols (``:root_dir:``) or plain. What cannot be read or used becomes a Problem and
    the default. ``AgentConfig.path`` is None where there is no such file.
    """
    content, problem = read_record(root, path, LIMIT)
    if content is None:
        return _config(path if problem else None, {}, [problem] if problem else [])
    problems: list[Problem] = []
    if not content.complete:
        problems.append(Problem("config-not-understood", path, f"The config file is larger than {LIMIT} bytes."))
        return _config(path, {}, problems)
    return _config(path, _values(content.data, path, problems), problems)


def default_config() -> AgentConfig:
    """The defaults alone."""
    return _config(None, {}, [])


def _values(data: bytes, path: str, problems: list[Problem]) -> dict[str, Any]:
    try:
        top = psych.load_first(data)
    except psych.YamlError as error:
        message = f"The config file is not valid YAML: {error}."
        problems.append(Problem("config-not-understood", path, message, error.line))
        return {}
    if top is None or not isinstance(top.value, dict):
        problems.append(
            Problem("config-not-understood", path, "The config file holds no settings: no agent starts with it.")
        )
        return {}
    values: dict[str, Any] = {}
    for name, (_, value) in top.value.items():
        text = name.text if isinstance(name, RubyObject) else str(name)
        values[text[1:] if text.startswith(":") else text] = value.plain()
    return values


def _config(path: Optional[str], values: dict[str, Any], problems: list[Problem]) -> AgentConfig:
    where = path or ""
    program = _text(values, "program_name", DEFAULT_PROGRAM_NAME, where, problems)
    tracking = _text(values, "ongoing_deployment_tracking", DEFAULT_TRACKING, where, problems)
    return AgentConfig(
        path=path,
        root_dir=_directory(values, "root_dir", DEFAULT_ROOT_DIR, where, problems),
        log_dir=_directory(values, "log_dir", DEFAULT_LOG_DIR, where, problems),
        pid_dir=_directory(values, "pid_dir", DEFAULT_PID_DIR, where, problems),
        program_name=program,
        max_revisions=_max_revisions(values.get("max_revisions"), where, problems),
        ongoing_deployment_tracking=tracking,
        values=values,
        problems=tuple(problems),
    )


def _text(values: dict[str, Any], key: str, default: str, path: str, problems: list[Problem]) -> str:
    value = values.get(key)
    if isinstance(value, RubyObject):
        value = value.text
    if value is None:
        return default
    if isinstance(value, str) and value and "\0" not in value:
        return value
    message = f"{key} is {inspect(value)}, not a name; {default} is used here."
    problems.append(Problem("config-odd-value", path, message))
    return default


def _directory(values: dict[str, Any], key: str, default: str, path: str, problems: list[Problem]) -> str:
    text = _text(values, key, default, path, problems)
    if not text.startswith("/"):
        # Ruby would take it from the agent's working directory, which nothing on disk tells.
        message = f"{key} is the relative path {text}; it is taken from / here."
        problems.append(Problem("config-relative-path", path, message))
        text = posixpath.join("/", text)
    while "//" in text:
        text = text.replace("//", "/")
    return text.rstrip("/") or "/"


def _max_revisions(value: Any, path: str, problems: list[Problem]) -> int:
    """As ``Integer(value)`` reads it; the agent ends itself where that fails or gives less than 1."""
    number, bad = _integer(value)
    if bad or number < 1:
        message = f"max_revisions is {inspect(value)}: the agent does not start with it."
        problems.append(Problem("config-max-revisions", path, message))
        return DEFAULT_MAX_REVISIONS
    return number


def _integer(value: Any) -> tuple[int, bool]:
    if value is None:
        return DEFAULT_MAX_REVISIONS, False
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return 0, True
    if isinstance(value, str):
        number = integer(value)
        return (0, True) if number is None else (number, False)
    try:
        return int(value), False
    except (OverflowError, ValueError):  # infinity, not a number
        return 0, True
