"""What the agent says when something fails: Ruby's words in version 1, the system's own in version 2."""

from __future__ import annotations

import errno
from collections.abc import Mapping

from tui import windows_paths
from tui.agent.records import CleanupFile
from tui.paths import to_bytes

# The function of Ruby's that an error's message names (Ruby 3, ``rb_sys_fail_path``).
_RUBY: Mapping[str, str] = {
    "open": "rb_sysopen",
    "read": "io_fread",
    "mkdir": "dir_s_mkdir",
    "rmdir": "dir_s_rmdir",
    "symlink": "syserr_fail2_in",
    "unlink": "apply2files",
    "chmod": "apply2files",
    "chown": "apply2files",
    "remove": "apply2files",
    "realpath": "rb_realpath_internal",
    "stat": "rb_file_s_stat",
}
_SYSTEM: Mapping[int, str] = {
    errno.ENOENT: "No such file or directory",
    errno.ENOTDIR: "Not a directory",
    errno.EISDIR: "Is a directory",
    errno.EEXIST: "File exists",
    errno.EBUSY: "Device or resource busy",
    errno.ELOOP: "Too many levels of symbolic links",
    errno.ENAMETOOLONG: "File name too long",
    errno.EINVAL: "Invalid argument",
    errno.ENXIO: "No such device or address",
}


class Messages:
    """The messages of one version of the agent on one platform."""

    def __init__(self, version: int, windows: bool = False) -> None:
        self.version = version
        self._windows = windows

    def path(self, path: str) -> str:
        """A path as the agent writes it: on Windows with slashes in version 1, native in version 2."""
        if not self._windows:
            return path
        return path[1:] if self.version == 1 else windows_paths.native(path)

    def system(self, number: int, call: str, path: str) -> str:
        """A system call that fails on a path."""
        reason = _SYSTEM[number]
        if self.version == 1:
            return f"{reason} @ {_RUBY[call]} - {self.path(path)}"
        return f"{reason} (os error {number}): {self.path(path)}"

    def nul(self, what: str) -> str:
        """A ``path name`` or a ``string`` with a NUL in it."""
        return f"{what} contains null byte"

    def link(self, number: int, text: str, path: str) -> str:
        """A symbolic link that cannot be made."""
        if self.version == 2 or number == errno.EEXIST:
            return self.system(number, "symlink", path)
        return f"{_SYSTEM[number]} @ rb_file_s_symlink - ({text}, {path})"

    def same_file(self, source: str, path: str) -> str:
        """A copy onto itself."""
        return f"same file: {self.path(source)} and {self.path(path)}"

    def not_utf8(self, path: str) -> str:
        """A path that install.json cannot hold."""
        if self.version == 1:
            return _json_says(to_bytes(path))
        return "a path that is not valid UTF-8 stops the agent's thread"

    def unread_directory(self, path: str) -> str:
        """A directory that is read as a file."""
        return self.system(errno.EISDIR, "read", path)

    def unusable_cleanup(self, file: CleanupFile) -> str:
        """A cleanup file that cannot be read."""
        if "directory" in (file.fatal or ""):
            return self.unread_directory(file.path)
        return f"the cleanup file cannot be read: {file.fatal}"

    def exists(self, path: str) -> str:
        """DISALLOW meets a file."""
        return "The deployment failed because a specified file already exists at this location: " + self.path(path)

    def two_sources(self, source: str, other: str, destination: str) -> str:
        """Two sources for one destination."""
        return (
            "The deployment failed because the application specification file specifies two source files named "
            f"{self.path(source)} and {self.path(other)} for the same destination ({self.path(destination)}). "
            "Remove one of the source file paths from the AppSpec file, and then try again."
        )

    def file_over_directory(self, source: str, destination: str) -> str:
        """A file where a directory is to be made."""
        return (
            "The deployment failed because the application specification file calls for installing the file "
            f"{self.path(source)}, but a file with that name already exists at the location "
            f"({self.path(destination)}). Update your AppSpec file or directory structure, and then try again."
        )

    def directory_over_file(self, destination: str, source: str) -> str:
        """A directory where a file is to be copied."""
        return (
            "The deployment failed because the application specification file includes an mkdir command more than once "
            f"for the same destination path ({self.path(destination)}) from ({self.path(source)}). Update the files "
            "section of the AppSpec file, and then try again."
        )

    def permissions_twice(self, path: str) -> str:
        """Two entries of ``permissions`` for one path."""
        return (
            f"The deployment failed because the permissions setting for ({self.path(path)}) is specified more than "
            "once in the application specification file. Update the files section of the AppSpec file, and then try "
            "again."
        )


def _json_says(data: bytes) -> str:
    """Ruby's JSON generator (2.6) on bytes that are not UTF-8: it counts each character's bytes by the first one."""
    at = 0
    while at < len(data):
        first = data[at]
        length = 1 + sum(first >= least for least in (0xC0, 0xE0, 0xF0, 0xF8, 0xFC))
        if at + length > len(data):
            return "partial character in source, but hit end"
        try:
            data[at : at + length].decode("utf-8")
        except UnicodeDecodeError:
            break
        at += length
    return "source sequence is illegal/malformed utf-8"
