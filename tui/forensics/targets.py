"""Target locations: the directories that records name as destinations, and how far each is looked through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Optional

from tui import windows_paths
from tui.agent.records import COPY, MKDIR, Group, Instance
from tui.disk.root import NotThere, Root, RootError, WalkRequest
from tui.paths import path_key, split

# Directories that many programs share: never walked whole unless the agent itself made them
# (Filesystem Hierarchy Standard 3.0, and where distributions put drop-in files).
SHARED = frozenset(
    [
        "/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/lost+found", "/media", "/mnt",
        "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/var",
        "/etc/apt", "/etc/cron.d", "/etc/cron.daily", "/etc/cron.hourly", "/etc/cron.monthly", "/etc/cron.weekly",
        "/etc/default", "/etc/init", "/etc/init.d", "/etc/ld.so.conf.d", "/etc/logrotate.d", "/etc/modprobe.d",
        "/etc/pam.d", "/etc/pki", "/etc/profile.d", "/etc/rc.d", "/etc/rc.d/init.d", "/etc/rsyslog.d",
        "/etc/security", "/etc/ssh", "/etc/ssl", "/etc/ssl/certs", "/etc/ssl/private", "/etc/sudoers.d",
        "/etc/sysconfig", "/etc/sysctl.d", "/etc/systemd", "/etc/systemd/system", "/etc/tmpfiles.d", "/etc/udev",
        "/etc/udev/rules.d", "/etc/xdg", "/etc/yum.repos.d",
        "/lib/systemd", "/lib/systemd/system", "/usr/bin", "/usr/games", "/usr/include", "/usr/lib", "/usr/lib32",
        "/usr/lib64", "/usr/lib/systemd", "/usr/lib/systemd/system", "/usr/libexec", "/usr/local", "/usr/local/bin",
        "/usr/local/etc", "/usr/local/include", "/usr/local/lib", "/usr/local/lib64", "/usr/local/libexec",
        "/usr/local/sbin", "/usr/local/share", "/usr/local/src", "/usr/sbin", "/usr/share", "/usr/src",
        "/var/cache", "/var/lib", "/var/local", "/var/lock", "/var/log", "/var/mail", "/var/opt", "/var/run",
        "/var/spool", "/var/spool/cron", "/var/tmp",
    ]
)  # fmt: skip
# What Windows Server and its usual roles share, below any drive, by folded name.
_SHARED_ON_WINDOWS = frozenset(
    windows_paths.fold(name)
    for name in (
        "", "inetpub", "PerfLogs", "Program Files", "Program Files (x86)", "Program Files/Common Files",
        "Program Files (x86)/Common Files", "ProgramData", "ProgramData/Amazon", "Recovery",
        "System Volume Information", "Users", "Users/Administrator", "Users/Administrator/Desktop",
        "Users/Public", "Windows", "Windows/System32", "Windows/System32/drivers", "Windows/System32/drivers/etc",
        "Windows/SysWOW64", "Windows/Temp",
    )
)  # fmt: skip
_CACHED = 50_000  # directories whose group is remembered
_NEVER = ("/proc/", "/sys/", "/dev/", "/run/")  # not files of a disk: only what records name there


def is_shared(path: str, windows: bool = False) -> bool:
    """Whether a directory is one that many programs share."""
    if not windows:
        return path in SHARED
    return path == "/" or windows_paths.fold(path[4:]) in _SHARED_ON_WINDOWS


def _never(path: str, windows: bool) -> bool:
    return not windows and path.startswith(_NEVER)


@dataclass
class Targets:
    """What to walk, and to which group a place belongs."""

    request: WalkRequest
    owners: dict[str, int] = field(default_factory=dict)  # directory -> index of the group that names it
    problems: list[RootError] = field(default_factory=list)
    _known: dict[str, Optional[int]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def holds(self, path: str) -> bool:
        """Whether a path is one that is looked at."""
        return self.owner(path) is not None

    def owner(self, path: str) -> Optional[int]:
        """The group whose nearest destination holds a path."""
        group = self.owners.get(path)
        if group is not None or path == "/":
            return group
        directory = above = split(path)[0]
        if directory in self._known:
            return self._known[directory]
        group = self.owners.get(above)
        while group is None and above != "/":
            above = split(above)[0]
            group = self.owners.get(above)
        if len(self._known) < _CACHED:
            self._known[directory] = group
        return group


def directory_of(path: str) -> str:
    """The directory a path stands in."""
    return path.rpartition("/")[0] or "/"


def directories_of(paths: Iterable[str]) -> set[str]:
    """The directories that paths stand in. Written out: there are as many paths as files."""
    return {path.rpartition("/")[0] or "/" for path in paths}


def _recorded(root: Root, instance: Instance, group: Group) -> tuple[set[str], set[str], set[str]]:
    """``(directories the agent made, directories it put something into, appspec destinations)``."""
    made: set[str] = set()
    into: set[str] = set()
    if group.plan is not None:
        kinds, paths = group.plan.kinds, group.plan.paths
        made = {path for kind, path in zip(kinds, paths) if kind == MKDIR}
        into = directories_of(path for kind, path in zip(kinds, paths) if kind == COPY)
    if group.cleanup is not None:
        above = directories_of(group.cleanup.paths)
        made |= above.intersection(group.cleanup.paths)
        into |= above
    return made, into, {root.spelling(path) for path in destinations(instance, group)}


def destinations(instance: Instance, group: Group) -> set[str]:
    """The absolute destinations that the appspecs of a group's revisions name."""
    named: set[str] = set()
    for deployment in group.deployments:
        if deployment.appspec is not None:
            paths = (instance.inside(mapping.destination) for mapping in deployment.appspec.files)
            named.update(path for path in paths if path is not None)
    return named


def _tops(paths: Iterable[str]) -> list[str]:
    tops: list[str] = []
    for path in sorted(set(paths), key=path_key):
        if not tops or not (path == tops[-1] or path.startswith(tops[-1].rstrip("/") + "/")):
            tops.append(path)
    return tops


def target_locations(root: Root, instance: Instance, named: Iterable[str] = (), cross_mounts: bool = False) -> Targets:
    """Where deployments of the instance's groups put files.

    ``named`` are single paths that evidence names, also outside of these places. A directory is looked through
    whole where the agent made it or where it is nobody else's; in a shared one (``/etc``,
    ``/usr/bin``) only what is named is looked at. Where a place is reached through a link, the
    place it really is is walked.
    """
    trees: set[str] = set()
    windows = instance.windows
    singles: set[str] = {path for path in named if not is_shared(path, windows) and not _never(path, windows)}
    owners: dict[str, int] = {}
    problems: list[RootError] = []
    for index, group in enumerate(instance.groups):
        made, into, told = _recorded(root, instance, group)
        for path in told | made | into:
            owners.setdefault(path, index)
        looked: set[str] = set()
        for path in made | into | told:
            real = path
            try:
                real = root.real_path(path)
            except RootError as error:
                if not isinstance(error, NotThere):
                    problems.append(error)
            for place in {path, real}:
                if _never(place, windows) or (is_shared(place, windows) and place not in made):
                    continue
                looked.add(place)
                owners.setdefault(place, index)
        trees |= looked
        singles |= _beside(group, (into | {directory_of(path) for path in made}) - looked)
    tops = _tops(trees)
    alone = sorted(singles, key=path_key)
    return Targets(WalkRequest(tops, alone, cross_mounts), owners, problems)


def _beside(group: Group, directories: set[str]) -> set[str]:
    """Recorded paths in directories that are not looked through whole."""
    if not directories:
        return set()
    recorded: list[str] = list(group.cleanup.paths) if group.cleanup is not None else []
    if group.plan is not None:
        recorded += [path for kind, path in zip(group.plan.kinds, group.plan.paths) if kind in (COPY, MKDIR)]
    return {path for path in recorded if (path.rpartition("/")[0] or "/") in directories}
