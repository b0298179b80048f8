"""The agent's processes, on this machine only."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from typing import Any, Callable, Optional

from tui.agent.records import AgentProcess, Layout

SERVICE = "codedeployagent"  # the agent's on Windows
_DEFAULT = "codedeploy-agent"


def agent_processes(layout: Layout, ps: Any = None) -> tuple[AgentProcess, ...]:
    """The agent's processes that run here, by process id. ``ps`` is psutil, or what stands for it.

    On Linux version 1 names itself ``codedeploy-agent: master 812`` and its child ``codedeploy-agent:
    InstanceAgent::… of master 812``; while it starts it is a Ruby that runs a script
    ``codedeploy-agent``. Version 2 is a program of that name. On Windows it is the process of the
    service ``codedeployagent``, and what that started. What may not be asked of a process is None.
    """
    if ps is None:
        import psutil as ps
    if layout.platform == "windows":
        return _of_service(ps)
    found: list[AgentProcess] = []
    for process in _each(ps, ps.process_iter):
        command = _ask(ps, process.cmdline) or []
        if is_agent(command, layout.program_name):
            title = " ".join(part for part in command if part).strip()
            found.append(_process(ps, process, title, None))
    return tuple(sorted(found, key=lambda process: process.pid))


def _of_service(ps: Any) -> tuple[AgentProcess, ...]:
    service = _ask(ps, lambda: ps.win_service_get(SERVICE))
    pid = _ask(ps, service.pid) if service is not None else None
    if not pid:
        return ()
    master = _ask(ps, lambda: ps.Process(pid))
    if master is None:
        return (AgentProcess(pid, SERVICE, None, None, service=SERVICE),)
    found = [_process(ps, master, _ask(ps, master.name) or SERVICE, SERVICE)]
    for child in _ask(ps, lambda: master.children(recursive=True)) or ():
        name = _ask(ps, child.name) or ""
        if name.lower().startswith(_DEFAULT):
            found.append(_process(ps, child, name, None))
    return tuple(sorted(found, key=lambda process: process.pid))


def _process(ps: Any, process: Any, title: str, service: Optional[str]) -> AgentProcess:
    uids = _ask(ps, process.uids) if hasattr(process, "uids") else None
    return AgentProcess(
        pid=process.pid,
        name=title,
        cwd=_ask(ps, process.cwd),
        started=_ask(ps, process.create_time),
        parent=_ask(ps, process.ppid),
        user=None if uids is None else uids.effective,
        service=service,
    )


def _each(ps: Any, processes: Callable[[], Iterable[Any]]) -> Iterable[Any]:
    """The processes, as far as the system lists them."""
    try:
        yield from processes()
    except (ps.Error, OSError):
        return


def _ask(ps: Any, question: Callable[[], Any]) -> Optional[Any]:
    # On Windows psutil lets some of the system's own errors through.
    try:
        return question() or None
    except (ps.Error, OSError, NotImplementedError):
        return None


def is_agent(command: Sequence[str], program: str) -> bool:
    """Whether a command line is the agent's, whose config names it ``program``."""
    names = {program, _DEFAULT}
    words = " ".join(command[:1]).split()
    if not words:
        return False
    first = posixpath.basename(words[0])
    if first.rstrip(":") in names:
        return True
    return first.startswith("ruby") and any(posixpath.basename(part) in names for part in command[1:3])


def agents(processes: Sequence[AgentProcess]) -> tuple[AgentProcess, ...]:
    """One process for each agent that runs: those that no other of the agent's processes started.

    A child whose master was killed is an agent of its own, until it finds that out.
    """
    known = {process.pid for process in processes}
    return tuple(process for process in processes if process.parent not in known)
