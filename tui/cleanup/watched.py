"""Directories that something watches, as far as that can be known from the disk.

Systemd's path units say what they watch; a drop-in directory is read by the program it belongs to. Who else watches
a directory (inotify, a timer's script) cannot be seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tui.disk.inventory import FILE
from tui.disk.root import Root, RootError
from tui.paths import child_path, from_bytes, normal_path, split

UNIT_DIRECTORIES = (
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    "/lib/systemd/system",
)  # fmt: skip
# Directories whose files take effect by being there, and who reads them.
DROP_INS = {
    "/etc/apt/sources.list.d": "apt", "/etc/cron.d": "cron", "/etc/cron.daily": "cron", "/etc/cron.hourly": "cron",
    "/etc/cron.monthly": "cron", "/etc/cron.weekly": "cron", "/etc/init.d": "the init system",
    "/etc/ld.so.conf.d": "the dynamic linker", "/etc/logrotate.d": "logrotate", "/etc/modprobe.d": "modprobe",
    "/etc/nginx/conf.d": "nginx", "/etc/nginx/sites-enabled": "nginx", "/etc/httpd/conf.d": "httpd",
    "/etc/apache2/conf-enabled": "apache2", "/etc/apache2/sites-enabled": "apache2", "/etc/pam.d": "PAM",
    "/etc/profile.d": "login shells", "/etc/rsyslog.d": "rsyslog", "/etc/sudoers.d": "sudo",
    "/etc/sysctl.d": "sysctl", "/etc/systemd/system": "systemd", "/usr/lib/systemd/system": "systemd",
    "/lib/systemd/system": "systemd", "/etc/tmpfiles.d": "systemd-tmpfiles", "/etc/udev/rules.d": "udev",
    "/etc/yum.repos.d": "yum", "/var/spool/cron": "cron", "/var/spool/cron/crontabs": "cron",
}  # fmt: skip
_LIMIT = 1 << 16  # bytes of a unit
_MOST = 2000  # units of one directory
_KEYS = ("PathExists", "PathExistsGlob", "PathChanged", "PathModified", "DirectoryNotEmpty")


@dataclass
class Watched:
    """Paths that something watches, and who."""

    by_path: dict[str, str] = field(default_factory=dict)

    def of(self, path: str) -> str:
        """Who watches a path or the directory it stands in; empty where nobody is known to."""
        directory = split(path)[0]
        reader = DROP_INS.get(directory)
        return (
            self.by_path.get(path) or self.by_path.get(directory) or (f"{reader} reads {directory}" if reader else "")
        )


def watched(root: Root) -> Watched:
    """What the instance's path units watch."""
    found = Watched()
    if root.platform != "linux":
        return found
    for directory in UNIT_DIRECTORIES:
        try:
            names = [name for name, stat in root.list(directory) if name.endswith(".path") and stat.type == FILE]
        except RootError:
            continue
        for name in names[:_MOST]:
            for key, path in _watches(root, child_path(directory, name)):
                found.by_path.setdefault(path, f"systemd's {name} watches it ({key})")
    return found


def _watches(root: Root, unit: str) -> Iterator[tuple[str, str]]:
    try:
        text = from_bytes(root.read(unit, _LIMIT).data)
    except RootError:
        return
    for line in text.split("\n"):
        key, equals, value = line.partition("=")
        key, value = key.strip(), value.strip()
        if not equals or key not in _KEYS:
            continue
        if key == "PathExistsGlob":
            value = value.partition("*")[0].rpartition("/")[0] or "/"
        path = normal_path(value) if "%" not in value else None
        if path is not None and path != "/":
            yield key, path
