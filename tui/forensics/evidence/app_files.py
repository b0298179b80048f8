"""The running app's own files, told from the scripts' by what they look like and when they were written.

It says what a file looks like, never that no script made it: that is for other evidence to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple, Optional

from tui.agent.records import Group, Instance, LogFile
from tui.disk.inventory import DIR, FILE, OTHER, UNKNOWN_TIME
from tui.forensics.marks import Evidence, Mark
from tui.paths import split

SETTLED = 60.0  # seconds after the last sign of a deployment, in which a script without output may still have run
_NS = 1_000_000_000


class Strength(IntEnum):
    """How far it goes; the strongest first."""

    BOTH = 0  # looks like it, and was written after the last script
    LOOKS = 1  # looks like it
    LATER = 2  # only written after the last script: by the app, or by anybody


class AppFile(NamedTuple):
    """``reason`` is a clause about the path; ``group``'s last deployment was over ``over`` (seconds since 1970)."""

    reason: str
    strength: Strength
    over: Optional[float] = None


# What names tell, the first that fits counts. Matched without regard to letter case.
_NAMES = (
    (r".*\.log(?:[.-]\d[\d.-]*)?(?:\.(?:gz|bz2|xz|zst|zip|old))?|.*\.log\.(?:old|bak)|catalina\.out|nohup\.out"
     r"|u_ex\d{6,10}\.log|httperr\d+\.log", "it is named like a log"),
    (r".*\.pid", "it is named like a file with a process id"),
    (r".*\.sock(?:et)?", "it is named like a socket"),
    (r".*\.(?:lock|lck)|lockfile", "it is named like a lock"),
    (r".*-(?:wal|shm|journal)|.*\.(?:ldb|ldf)", "it is named like a database's own working file"),
    (r".*\.(?:pyc|pyo)", "it is bytecode that Python makes of a program"),
    (r"core(?:\.\d+)?|.*\.(?:dmp|mdmp|hprof)|hs_err_pid\d+\.log", "it is named like the dump of a program that failed"),
    (r"\.DS_Store|Thumbs\.db|desktop\.ini|\._.+|\.nfs[0-9a-f]{16,}", "a desktop or a file share makes such files"),
    (r"\..*\.sw[a-p]|.*~|#.*#|\.#.*", "it is named like an editor's"),
    (r".*\.(?:tmp|temp|part|partial|crdownload|swp)|tmp[a-z0-9_]{6,8}|~\$.*", "it is named like a temporary file"),
    (r"sess_[a-z0-9,-]{16,}", "it is named like a session"),
    (r".*\.(?:mmdb-cache|cache)", "it is named like a cache"),
)  # fmt: skip
_DIRECTORIES = {
    "logs": "for logs", "log": "for logs", "logfiles": "for logs", "cache": "for a cache", "caches": "for a cache",
    ".cache": "for a cache", "__pycache__": "for bytecode", "tmp": "for temporary files", "temp": "for temporary files",
    "asp.net temporary files": "for temporary files", "run": "for what runs", "pids": "for process ids",
    "sessions": "for sessions", "session": "for sessions", "uploads": "for uploads", "upload": "for uploads",
    "sockets": "for sockets", "spool": "for a queue", "crashes": "for dumps", "dumps": "for dumps",
}  # fmt: skip
_NOT_BY_DIRECTORY = frozenset(["/tmp", "/run", "/var/run", "/var/tmp"])  # everybody's, also the scripts'
_DRIVES_TEMP = re.compile(r"/[A-Za-z]:/(?:Windows/)?te?mp", re.IGNORECASE)
_ALL = re.compile("|".join(f"(?P<n{i}>{pattern})" for i, (pattern, _) in enumerate(_NAMES)), re.IGNORECASE | re.DOTALL)
_CACHED = 50_000


class AppFiles:
    """Asked by path. ``offset`` gives seconds east of UTC of a log's local time."""

    def __init__(self, instance: Instance, offset: Callable[[LogFile, float], float]) -> None:
        self._over = [_over(instance, group, offset) for group in instance.groups]
        self._above: dict[str, Optional[str]] = {}

    def over(self, group: int) -> Optional[float]:
        """When the group's last deployment was surely over (below 0: every group's); None where it may run."""
        if group >= 0:
            return self._over[group]
        return None if None in self._over else max((over for over in self._over if over is not None), default=None)

    def of(self, path: str, kind: int, mtime_ns: int, group: int = -1) -> Optional[AppFile]:
        """What a path looks like; ``kind`` as in ``tui.disk.inventory``, ``group`` an index, below 0: any."""
        over = self.over(group)
        later = over is not None and mtime_ns != UNKNOWN_TIME and mtime_ns > over * _NS
        looks = self._looks(path, kind)
        if looks is not None:
            return AppFile(looks, Strength.BOTH if later else Strength.LOOKS, over if later else None)
        if later and kind != DIR:
            return AppFile("", Strength.LATER, over)
        return None

    def _looks(self, path: str, kind: int) -> Optional[str]:
        directory, name = split(path)
        if kind == OTHER:
            return "it is a socket, a pipe or a device"
        if kind == DIR:
            what = _DIRECTORIES.get(name.lower()) if not _everybodys(path) else None
            return f"it is named like a directory {what}" if what else None
        match = _ALL.fullmatch(name[:255]) if kind == FILE else None
        if match is not None and match.lastgroup is not None:
            return _NAMES[int(match.lastgroup[1:])][1]
        return self._directory(directory)

    def _directory(self, directory: str) -> Optional[str]:
        if directory in self._above:
            return self._above[directory]
        found: Optional[str] = None
        place = directory
        while place != "/" and found is None:
            above, name = split(place)
            what = _DIRECTORIES.get(name.lower()) if not _everybodys(place) else None
            found = f"it is in {name}, named like a directory {what}" if what else None
            place = above
        if len(self._above) < _CACHED:
            self._above[directory] = found
        return found


def _everybodys(path: str) -> bool:
    return path in _NOT_BY_DIRECTORY or bool(_DRIVES_TEMP.fullmatch(path))


def _over(instance: Instance, group: Group, offset: Callable[[LogFile, float], float]) -> Optional[float]:
    """When a group's last deployment was surely over; None where one may still run, or nothing tells.

    No log tells when a script ended, so a while is added to the last sign of life.
    """
    ids = {deployment.id for deployment in group.deployments}
    if any(ongoing.deployment_id in ids for ongoing in instance.ongoing):
        return None
    moments = [
        record.mtime for record in (group.plan, group.cleanup, group.last_successful, group.most_recent) if record
    ]
    for log in instance.logs:
        moments += [run.last - offset(log, run.last) for run in log.runs if run.deployment_id in ids]
    for deployment in group.deployments:
        moments.append(deployment.mtime)
        if deployment.log is not None:
            log = deployment.log
            moments += [run.last - offset(log, run.last) for run in log.runs]
    latest = max((moment for moment in moments if moment > 0), default=None)
    return None if latest is None else latest + SETTLED


def app_evidence(found: AppFile) -> Evidence:
    """What it looks like, and when it was written."""
    later = "it was written more than a minute after the last trace of a deployment"
    detail = f"{found.reason}, and {later}" if found.strength == Strength.BOTH else found.reason or later
    return Evidence("app-file", detail, None, Mark.UNATTRIBUTED)
