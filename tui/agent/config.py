"""The agent's config file."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Any, Optional

from tui import windows_paths
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
PROGRAM_DATA = "C:\\ProgramData"  # what %PROGRAMDATA% is where nothing else is said
_SERVICES_START_IN = "/C:/Windows/System32"


@dataclass(frozen=True)
class Defaults:
    """What the agent takes where its config is silent. Directories are in the program's form.

    ``base`` is where relative directories are taken from, ``sure`` whether that is a rule of the agent's.
    """

    root_dir: str = DEFAULT_ROOT_DIR
    log_dir: str = DEFAULT_LOG_DIR
    pid_dir: str = DEFAULT_PID_DIR
    base: str = "/"  # the agent's working directory, which nothing on disk tells
    sure: bool = False
    windows: bool = False


def windows_defaults(program_data: str = PROGRAM_DATA, version: int = 1) -> Defaults:
    """The defaults on Windows, where %PROGRAMDATA% is ``program_data``.

    Version 1 takes relative directories from there, version 2 from its working directory.
    """
    data = windows_paths.inside(program_data) or "/C:/ProgramData"
    home = data.rstrip("/") + "/Amazon/CodeDeploy"
    base = data if version == 1 else _SERVICES_START_IN
    return Defaults(home, home + "/log", "", base, version == 1, True)


def read_config(root: Root, path: str, defaults: Defaults = Defaults()) -> AgentConfig:
    """The config file at a path of the instance, defaults where it is silent (agent 1.8.1 and 2.1).

    Keys are Ruby symbols (``:root_dir:``) or plain. What cannot be read or used becomes a Problem and
    the default. ``AgentConfig.path`` is None where there is no such file.
    """
    content, problem = read_record(root, path, LIMIT)
    if content is None:
        return _config(path if problem else None, {}, [problem] if problem else [], defaults)
    problems: list[Problem] = []
    if not content.complete:
        problems.append(Problem("config-not-understood", path, f"The config file is larger than {LIMIT} bytes."))
        return _config(path, {}, problems, defaults)
    return _config(path, _values(content.data, path, problems), problems, defaults)


def default_config(defaults: Defaults = Defaults()) -> AgentConfig:
    """The defaults alone."""
    return _config(None, {}, [], defaults)


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


def _config(path: Optional[str], values: dict[str, Any], problems: list[Problem], defaults: Defaults) -> AgentConfig:
    where = path or ""
    program = _text(values, "program_name", DEFAULT_PROGRAM_NAME, where, problems)
    tracking = _text(values, "ongoing_deployment_tracking", DEFAULT_TRACKING, where, problems)
    return AgentConfig(
        path=path,
        root_dir=_directory(values, "root_dir", defaults, where, problems),
        log_dir=_directory(values, "log_dir", defaults, where, problems),
        pid_dir=_directory(values, "pid_dir", defaults, where, problems),
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


def _directory(values: dict[str, Any], key: str, defaults: Defaults, path: str, problems: list[Problem]) -> str:
    default: str = getattr(defaults, key)
    text = _text(values, key, default, path, problems)
    if defaults.windows:
        return default if text == default else _windows_directory(text, key, defaults, path, problems)
    if not text.startswith("/"):
        # Ruby would take it from the agent's working directory, which nothing on disk tells.
        message = f"{key} is the relative path {text}; it is taken from / here."
        problems.append(Problem("config-relative-path", path, message))
        text = posixpath.join("/", text)
    while "//" in text:
        text = text.replace("//", "/")
    return text.rstrip("/") or "/"


def _windows_directory(text: str, key: str, defaults: Defaults, path: str, problems: list[Problem]) -> str:
    found = windows_paths.inside(text)
    if found is not None:
        return found
    default: str = getattr(defaults, key)
    if text.startswith(("\\\\", "//")):
        message = f"{key} is {text}, on another machine or device; {windows_paths.native(default)} is used here."
        problems.append(Problem("config-odd-value", path, message))
        return default
    if text[:1] in ("/", "\\"):
        found = windows_paths.inside(defaults.base[1:3] + text)
    elif text[1:2] != ":":
        found = windows_paths.inside(f"{defaults.base[1:]}/{text}")
    base = windows_paths.native(defaults.base)
    if found is None or not defaults.sure:
        message = f"{key} is the relative path {text}; it is taken from {base} here."
        problems.append(Problem("config-relative-path", path, message))
    return found or default


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
