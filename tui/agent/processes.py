"""The agent's processes, on this machine only."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Any, Optional

from tui.agent.records import AgentProcess, Layout


def agent_processes(layout: Layout) -> tuple[AgentProcess, ...]:
    """The agent's processes that run here, by process id.

    Version 1 names itself ``codedeploy-agent: master 812`` and its child ``codedeploy-agent:
    InstanceAgent::… of master 812``; while it starts it is a Ruby that runs a script
    ``codedeploy-agent``. What may not be asked of a process is None.
    """
    import psutil

    name = posixpath.basename(layout.pid_file)
    program = name[:-4] if name.endswith(".pid") else name
    found: list[AgentProcess] = []
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
            if not is_agent(command, program):
                continue
            title = " ".join(part for part in command if part).strip()
            found.append(AgentProcess(process.pid, title, _ask(process.cwd), _ask(process.create_time)))
        except (psutil.Error, OSError):
            continue
    return tuple(sorted(found, key=lambda process: process.pid))


def _ask(question: Any) -> Optional[Any]:
    import psutil

    try:
        return question() or None
    except (psutil.Error, OSError):
        return None


def is_agent(command: Sequence[str], program: str) -> bool:
    """Whether a command line is the agent's, whose config names it ``program``."""
    names = {program, "codedeploy-agent"}
    words = " ".join(command[:1]).split()
    if not words:
        return False
    first = posixpath.basename(words[0])
    if first.rstrip(":") in names:
        return True
    return first.startswith("ruby") and any(posixpath.basename(part) in names for part in command[1:3])
