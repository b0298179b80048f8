"""What no cleanup ever takes: the system's places, the agent's program, homes, mount points, and this tool's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tui import windows_paths
from tui.agent.records import Instance, Layout
from tui.disk.root import Root, RootError
from tui.forensics.targets import SHARED, is_shared
from tui.paths import from_bytes, normal_path, split

STATE_NAME = ".codedeploy-forensics"  # at the top of other file systems
QUARANTINE, JOURNAL = "quarantine", "journal.db"  # in a state directory
IDS = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}(?:-[0-9]{1,4})?\Z")  # of cleanups; in a quarantine, of directories
STATE_DIRS = {"linux": "/var/lib/codedeploy-forensics", "windows": "/C:/ProgramData/codedeploy-forensics"}
_LIMIT = 1 << 20  # bytes of the instance's own files that are read

_SYSTEM, _HOME, _MOUNT, _OWN = "a system directory", "a home directory", "a mount point", "this tool's own"
_AGENT = "the agent's own"
# Below these nothing is ever taken; of the system's other directories only they themselves are not.
_TREES = ("/boot", "/dev", "/proc", "/sys", "/lost+found")
# Files without which a system does not start or lets nobody in.
_FILES = (
    "/etc/fstab", "/etc/group", "/etc/gshadow", "/etc/hostname", "/etc/hosts", "/etc/ld.so.cache", "/etc/ld.so.conf",
    "/etc/machine-id", "/etc/nsswitch.conf", "/etc/passwd", "/etc/profile", "/etc/resolv.conf", "/etc/shadow",
    "/etc/ssh/sshd_config", "/etc/sudoers", "/usr/bin/sudo", "/bin/sh", "/usr/bin/sh", "/bin/bash", "/usr/bin/bash",
)  # fmt: skip
_AGENT_TREES = ("/opt/codedeploy-agent", "/etc/codedeploy-agent")
_AGENT_FILES = (
    "/etc/init.d/codedeploy-agent", "/etc/cron.d/codedeploy-agent-update", "/etc/logrotate.d/codedeploy-agent",
    "/etc/systemd/system/codedeploy-agent.service", "/lib/systemd/system/codedeploy-agent.service",
    "/usr/lib/systemd/system/codedeploy-agent.service",
)  # fmt: skip
_MORE_SHARED = ("/root", "/home", "/run/lock", "/run/user", "/etc/cron.d", "/snap", "/selinux", "/afs", "/efs")
_WINDOWS_TREES = ("Windows", "Recovery", "$Recycle.Bin", "System Volume Information", "Boot", "EFI")
_WINDOWS_FILES = ("bootmgr", "pagefile.sys", "swapfile.sys", "hiberfil.sys", "BOOTNXT")


@dataclass
class Protected:
    """Keys (on Windows folded) of paths that are never taken, and what each is."""

    windows: bool
    exact: dict[str, str] = field(default_factory=dict)  # the path alone, and so whatever it lies in
    trees: dict[str, str] = field(default_factory=dict)  # the path and all that is in it

    def key(self, path: str) -> str:
        """Under which a path is kept."""
        return windows_paths.fold(path) if self.windows else path

    def add(self, paths: Iterable[str], what: str, tree: bool = False) -> None:
        """Protect paths, and the directories above them, which hold them."""
        for path in paths:
            key = self.key(path.rstrip("/") or "/")
            (self.trees if tree else self.exact).setdefault(key, what)
            above = key
            while above not in ("/", ""):
                above = split(above)[0]
                self.exact.setdefault(above, f"a directory that holds {what}" if above != "/" else "the root directory")

    def of(self, path: str) -> str:
        """What a path is that is never taken; empty where it may be."""
        key = self.key(path)
        known = self.exact.get(key) or self.trees.get(key)
        if known is not None:
            return known
        if self.windows:
            return _windows_kin(key)
        return _HOME if key.startswith("/home/") and key.count("/") == 2 else ""

    def below(self, path: str) -> str:
        """What the protected tree is that a path lies in; empty where it lies in none."""
        key = self.key(path)
        while key not in ("/", ""):
            key = split(key)[0]
            if key in self.trees:
                return self.trees[key]
        return ""


def _windows_kin(key: str) -> str:
    parts = key.strip("/").split("/")
    if len(parts) <= 1:
        return "a drive"
    if len(parts) == 3 and parts[1] == "USERS":
        return _HOME
    return ""


def protected(root: Root, instance: Instance, keep: Iterable[str] = ()) -> Protected:
    """What is protected on an instance. ``keep``: directories of this tool's own (state, quarantine, program)."""
    found = Protected(instance.windows)
    found.exact[found.key("/")] = "the root directory"
    if instance.windows:
        _windows(found, root)
    else:
        found.add((*SHARED, *_MORE_SHARED), _SYSTEM)
        found.add(_TREES, "the system's own", tree=True)
        found.add(_FILES, "a file that the system needs")
        found.add(_homes(root), _HOME)
    found.add(mount_points(root), _MOUNT)
    found.add((STATE_DIRS[instance.layout.platform], *keep), _OWN, tree=True)
    _agent(found, instance)
    return found


def _agent(found: Protected, instance: Instance) -> None:
    layout, config = instance.layout, instance.config
    if not instance.windows:
        found.add(_AGENT_TREES, _AGENT, tree=True)
        found.add(_AGENT_FILES, _AGENT)
    found.add((layout.root_dir,), _AGENT, tree=True)
    alone = [config.path, layout.agent_log, layout.pid_file or None, layout.on_premises_config, *layout.version_files]
    found.add((path for path in alone if path), _AGENT)
    for directory in (config.log_dir, config.pid_dir):
        path = instance.inside(directory[1:] if instance.windows else directory) if directory else None
        if path is not None:
            shared = is_shared(path, instance.windows)
            found.add((path,), _AGENT, tree=not shared)
    found.add(record_directories(layout), _AGENT)


def record_directories(layout: Layout) -> tuple[str, ...]:
    """The directories that the agent keeps its records in."""
    return layout.root_dir, layout.instructions_dir, layout.deployment_logs_dir, layout.ongoing_dir


def _windows(found: Protected, root: Root) -> None:
    try:
        drives = [name for name, _ in root.list("/")]
    except RootError:
        drives = ["C:"]
    for drive in {"C:", *drives}:
        found.add((f"/{drive}",), "a drive")
        found.add((f"/{drive}/{name}" for name in _WINDOWS_TREES), "the system's own", tree=True)
        found.add((f"/{drive}/{name}" for name in _WINDOWS_FILES), "a file that the system needs")
        shared = ("inetpub", "PerfLogs", "Program Files", "Program Files (x86)", "ProgramData", "Users")
        found.add((f"/{drive}/{name}" for name in shared), _SYSTEM)
        more = ("Program Files/Common Files", "Program Files (x86)/Common Files", "Program Files/WindowsPowerShell",
                "ProgramData/Microsoft", "ProgramData/Amazon", "Program Files/Amazon")  # fmt: skip
        found.add((f"/{drive}/{name}" for name in more), _SYSTEM)
        found.add((f"/{drive}/ProgramData/Amazon/CodeDeploy",), _AGENT, tree=True)


def _homes(root: Root) -> Iterator[str]:
    """The home directories that the instance's own etc/passwd names."""
    yield "/root"
    try:
        text = from_bytes(root.read("/etc/passwd", _LIMIT).data)
    except RootError:
        return
    for line in text.split("\n"):
        fields = line.split(":")
        home = normal_path(fields[5]) if len(fields) >= 6 else None
        if home is not None:
            yield home


def mount_points(root: Root) -> tuple[str, ...]:
    """Where file systems are mounted on this machine, as the kernel tells; empty for any other Root."""
    if root.kind != "machine" or root.platform != "linux":
        return ()
    try:
        text = from_bytes(root.read("/proc/self/mountinfo", 16 * _LIMIT).data)
    except RootError:
        return ()
    places = []
    for line in text.split("\n"):
        fields = line.split(" ")
        if len(fields) > 4 and fields[4].startswith("/"):
            places.append(_unescaped(fields[4]))
    return tuple(places)


def _unescaped(text: str) -> str:
    """The kernel writes a space, tab, newline and backslash in octal."""
    for octal, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(octal, character)
    return text
