"""The agent's records, as they were read. All paths are the instance's own, inside the Root."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from tui import windows_paths
from tui.agent.log_records import AgentLog as AgentLog
from tui.agent.log_records import Failure as Failure
from tui.agent.log_records import LogFile as LogFile
from tui.agent.log_records import ScriptRun as ScriptRun
from tui.paths import normal_path, showable


@dataclass(frozen=True)
class Problem:
    """Something that is wrong with a record, or that could not be read.

    ``code`` is stable and kebab-case (``cleanup-cut-off``); ``path`` is the record; ``line`` is
    1-based where a line is to blame; ``message`` is one sentence that says what and, where it
    matters, what follows from it.
    """

    code: str
    path: str
    message: str
    line: Optional[int] = None
    severity: str = "warning"  # info, warning or critical


@dataclass(frozen=True)
class AgentConfig:
    """The agent's config file, with the agent's defaults where it is silent (agent 1.8.1)."""

    path: Optional[str]  # None: no config file, defaults alone
    root_dir: str
    log_dir: str
    pid_dir: str
    program_name: str
    max_revisions: int
    ongoing_deployment_tracking: str
    values: Mapping[str, Any] = field(default_factory=dict)  # every key, without its colon
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Where an agent keeps its things. One maker for each kind of instance (Linux, Windows)."""

    platform: str  # linux or windows
    root_dir: str
    instructions_dir: str
    deployment_logs_dir: str
    ongoing_dir: str
    agent_log: str
    pid_file: str  # empty where the agent has none (version 1 on Windows)
    version_files: tuple[str, ...]  # where the version may be written, in the order to try
    program_name: str = "codedeploy-agent"
    on_premises_config: Optional[str] = None


@dataclass(frozen=True)
class AgentVersion:
    """The agent's version. ``text`` is None where no version file was found or understood."""

    text: Optional[str]  # "1.8.1"
    path: Optional[str]  # the file that says so
    hint: Optional[int] = None  # the major version that something else on disk speaks for

    @property
    def rules(self) -> int:
        """The version whose rules are used: 1 or 2; 1 where nothing tells."""
        return 2 if (self.major or self.hint or 1) >= 2 else 1

    @property
    def major(self) -> Optional[int]:
        """1 or 2; None where the version is not known, and version 1's rules are used."""
        head = (self.text or "").split(".")[0]
        return int(head) if head.isdigit() else None


@dataclass(frozen=True)
class CleanupFile:
    """A ``<group-id>-cleanup`` file, read by the rules of version 1 (agent 1.8.1) or 2.

    ``paths`` and ``lines`` run in parallel and in the file's order: an absolute path that the next
    deployment of the group removes, as the agent would hand it to the system, and its 1-based line.
    Removals run in reverse order.
    """

    path: str
    paths: Sequence[str]
    lines: array[int]
    relative: tuple[tuple[int, str], ...] = ()  # (line, text): taken from the agent's working directory
    contexts: tuple[tuple[int, str], ...] = ()  # (line, path) of semanage lines, which remove no file
    altered: tuple[tuple[int, str], ...] = ()  # (line, text) that stripping changed: another path than written
    dropped: Optional[tuple[int, str]] = None  # (line, text) of a last line without its newline: never removed
    unusable: tuple[tuple[int, str], ...] = ()  # (line, text) holding a NUL: the removal stops there with an error
    ignored: Optional[str] = None  # why the agent will run none of it and delete it all the same (version 2)
    fatal: Optional[str] = None  # why every Install fails on it, removing nothing, and the file stays (version 2)
    size: int = 0
    mtime: float = 0.0
    complete: bool = True  # False: not all of it could be read
    problems: tuple[Problem, ...] = ()
    skipped: tuple[tuple[int, str], ...] = ()  # (line, text) that the agent passes over (version 2)


COPY, MKDIR, CHMOD, CHOWN, SETFACL, SEMANAGE = range(6)
INSTRUCTION_KINDS = ("copy", "mkdir", "chmod", "chown", "setfacl", "semanage")


@dataclass
class InstallPlan:
    """A ``<group-id>-install.json``: what the last Install event that came so far planned to do.

    In columns: instruction *i* is ``kinds[i]`` on ``paths[i]`` (the destination of a copy, the
    directory of a mkdir, else the file). A copy's source is kept as a rule, since it nearly always
    is the archive's path plus the destination's tail: ``source(i)`` puts it together.
    """

    path: str
    kinds: bytearray = field(default_factory=bytearray)
    paths: list[str] = field(default_factory=list)
    rule: array[int] = field(default_factory=lambda: array("H"))
    rules: list[tuple[str, str]] = field(default_factory=list)  # (source prefix, destination prefix)
    details: dict[int, Mapping[str, Any]] = field(default_factory=dict)  # chmod, chown …: the whole instruction
    mtime: float = 0.0
    size: int = 0
    complete: bool = True
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.kinds)

    def source(self, i: int) -> Optional[str]:
        """The file that instruction ``i`` copies; None where it is no copy."""
        if self.kinds[i] != COPY:
            return None
        source, destination = self.rules[self.rule[i]]
        return source + self.paths[i][len(destination) :]


@dataclass(frozen=True)
class FileMapping:
    """One entry of an appspec's ``files``."""

    source: str
    destination: str
    line: int
    not_text: Optional[str] = None  # the Ruby class of a value that is no text: the Install event fails on it


@dataclass(frozen=True)
class HookScript:
    """One script of a lifecycle event in an appspec's ``hooks``."""

    event: str
    location: str
    timeout: int  # seconds
    runas: Optional[str]
    line: int


@dataclass(frozen=True)
class Permission:
    """One entry of an appspec's ``permissions``, values as YAML gave them."""

    object: str
    line: int
    pattern: Any = "**"
    excepts: tuple[Any, ...] = ()
    types: tuple[str, ...] = ("file", "directory")
    owner: Any = None
    group: Any = None
    mode: Any = None
    acls: Any = None
    context: Any = None


@dataclass(frozen=True)
class AppSpec:
    """An appspec, parsed and checked as agent 1.8.1 does. ``error`` is the agent's own message."""

    path: str
    version: Any = None
    os: Any = None
    files: tuple[FileMapping, ...] = ()
    hooks: Mapping[str, tuple[HookScript, ...]] = field(default_factory=dict)
    permissions: tuple[Permission, ...] = ()
    file_exists_behavior: Optional[str] = None
    error: Optional[str] = None
    error_line: Optional[int] = None
    problems: tuple[Problem, ...] = ()  # what parses and fails later, in the Install event
    unreadable: bool = False  # it could not be read here: ``error`` says why, and is not the agent's


@dataclass(frozen=True)
class Pointer:
    """``_last_successful_install`` or ``_most_recent_install``: one path, the directory of a deployment."""

    path: str
    target: str  # as written, less a newline at its end; on Windows in the program's form
    deployment_id: Optional[str]
    exists: bool
    mtime: float = 0.0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Deployment:
    """What is left on disk of one deployment."""

    id: str
    group_id: str
    path: str
    mtime: float
    archive: Optional[str] = None  # deployment-archive, where it is left
    bundle_size: Optional[int] = None  # bytes of bundle.tar
    log: Optional[LogFile] = None  # logs/scripts.log
    log_size: int = 0  # bytes of everything below logs/
    appspec: Optional[AppSpec] = None
    problems: tuple[Problem, ...] = ()
    bundle_file: Optional[tuple[int, int]] = None  # (device, inode) of bundle.tar: hard links are one file
    bundle_links: int = 1  # names that bundle.tar has
    bundle_source: Optional[str] = None  # "downloaded" or "archive-reuse", where version 2 noted it
    bundle_etag: Optional[str] = None  # where version 2 noted it


@dataclass(frozen=True)
class Group:
    """A deployment group, known from its directory, its instruction files or both."""

    id: str
    path: Optional[str]  # its directory below root_dir, where there is one
    deployments: tuple[Deployment, ...] = ()  # oldest first, by the directory's mtime, then by id
    cleanup: Optional[CleanupFile] = None
    plan: Optional[InstallPlan] = None
    last_successful: Optional[Pointer] = None
    most_recent: Optional[Pointer] = None
    problems: tuple[Problem, ...] = ()

    def deployment(self, deployment_id: Optional[str]) -> Optional[Deployment]:
        """The group's deployment of that id, where something of it is left."""
        for deployment in self.deployments:
            if deployment.id == deployment_id:
                return deployment
        return None


@dataclass(frozen=True)
class OngoingDeployment:
    """A file in ``ongoing-deployment/``: it exists only while one lifecycle event runs."""

    path: str
    deployment_id: str
    command_id: str
    mtime: float


@dataclass(frozen=True)
class AgentProcess:
    """A running agent process (this machine only)."""

    pid: int
    name: str
    cwd: Optional[str]
    started: Optional[float]
    parent: Optional[int] = None  # process id; None where it may not be asked
    cwd_gone: bool = False  # its working directory has been removed
    user: Optional[int] = None  # effective user id
    service: Optional[str] = None  # the Windows service that it runs as


@dataclass(frozen=True)
class PidFile:
    """The agent's pid file."""

    path: str
    pid: Optional[int]  # None: it holds no number
    mtime: float


@dataclass(frozen=True)
class Instance:
    """Everything the agent recorded on an instance."""

    label: str  # what the operator named: "this machine" or the directory
    kind: str  # machine or directory
    hostname: Optional[str]
    config: AgentConfig
    layout: Layout
    version: AgentVersion
    groups: tuple[Group, ...] = ()
    ongoing: tuple[OngoingDeployment, ...] = ()
    logs: tuple[LogFile, ...] = ()  # deployment-logs, rotated parts included, oldest first
    processes: Optional[tuple[AgentProcess, ...]] = None  # None: not this machine, not known
    users: Mapping[int, str] = field(default_factory=dict)  # uid -> name, from the instance's own etc/passwd
    group_names: Mapping[int, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    agent_log: Optional[AgentLog] = None
    pid_file: Optional[PidFile] = None

    def group(self, group_id: str) -> Optional[Group]:
        """The group of that id."""
        for group in self.groups:
            if group.id == group_id:
                return group
        return None

    @property
    def windows(self) -> bool:
        """Whether it is a Windows instance."""
        return self.layout.platform == "windows"

    @property
    def agents(self) -> Optional[tuple[AgentProcess, ...]]:
        """The processes that stand for an agent each: those that no other of its processes started."""
        if self.processes is None:
            return None
        pids = {process.pid for process in self.processes}
        return tuple(process for process in self.processes if process.parent not in pids)

    def inside(self, written: str) -> Optional[str]:
        """A path as a record or an appspec writes it, absolute and normal; None where it is relative."""
        return windows_paths.inside(written) if self.windows else normal_path(written)

    def below(self, directory: str, written: str) -> Optional[str]:
        """A path that a record gives relative to a directory of the instance; None where it cannot be one."""
        if self.windows:
            return windows_paths.inside(f"{directory[1:]}/{written}")
        return normal_path(f"{directory}/{written}")

    def native(self, path: str) -> str:
        """A path of the instance as its operator knows it: ``C:\\temp\\a.txt`` on Windows. Not yet safe to show."""
        return windows_paths.native(path) if self.windows else path

    def showable(self, text: str) -> str:
        """A sentence or a name from the instance, safe for a terminal; native paths in it stay readable."""
        return windows_paths.showable_windows(text) if self.windows else showable(text)

    def showable_path(self, path: str) -> str:
        """A path of the instance as its operator knows it, safe for a terminal."""
        return windows_paths.showable_path(path) if self.windows else showable(path)

    def showable_source(self, source: str) -> str:
        """A piece of evidence's source (``relative/path:line``) as an absolute path, safe for a terminal."""
        return windows_paths.showable_path("/" + source) if self.windows else showable("/" + source)
