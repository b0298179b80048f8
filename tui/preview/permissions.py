"""Which paths an entry of ``permissions`` applies to, and what it asks for, by each version's rules."""

from __future__ import annotations

import fnmatch
import re
from typing import Any, Optional

from tui.agent import ruby
from tui.agent.psych import Octal
from tui.agent.records import Permission

_BITS = {"r": 4, "w": 2, "x": 1}


class Matcher:
    """One entry's pattern and exceptions (version 1: ``LinuxPermissionInfo``)."""

    def __init__(self, permission: Permission, settled: str, version: int) -> None:
        """``settled``: the entry's object as instructions name paths."""
        self._permission = permission
        self._object = settled
        self._base = settled if settled.endswith("/") else settled + "/"
        self._all = bool(permission.pattern == "**")
        self._simple = version == 1
        glob = _simple if self._simple else _version_2
        odd = [item for item in (permission.pattern, *permission.excepts) if not isinstance(item, str)]
        # What version 1 says at the first path below the object, where a pattern is no text.
        self.broken = ruby.no_method("chars", odd[0]) if odd and version == 1 else None
        self._pattern = glob(ruby.to_s(permission.pattern))
        self._excepts = [glob(ruby.to_s(item)) for item in permission.excepts]

    def below(self, path: str) -> bool:
        """Whether a path lies below the object."""
        return path.startswith(self._base)

    def matches(self, path: str) -> bool:
        """Whether a path that is copied or made is meant. The object itself is not."""
        path = path[:-1] if path.endswith("/") else path
        if not path.startswith(self._base):
            return False
        rest = path[len(self._base) :]
        if self._simple and "/" in rest:  # neither a pattern nor an exception of version 1 reaches deeper
            return self._all
        if not self._all and not self._pattern.match(rest):
            return False
        return not any(item.match(rest) for item in self._excepts)

    def deep(self, path: str) -> bool:
        """Whether a path that matches lies deeper than a pattern other than ``**`` reaches in version 1."""
        return not self._all and "/" in path[len(self._base) : -1]

    def unfit_for_file(self) -> Optional[str]:
        """What the agent says of an entry whose object is a file, where it refuses it."""
        p = self._permission
        if not self._all:
            return (
                f"The deployment failed because the application specification file includes an object ({p.object}) "
                f"with an invalid pattern ({ruby.to_s(p.pattern)}), such as a pattern for a file applied to a "
                "directory. Correct the permissions section of the AppSpec file, and then try again."
            )
        if p.excepts:
            return (
                "The deployment failed because the except parameter for a pattern in the permissions section "
                f"({ruby.inspect(list(p.excepts))}) for the object named {p.object} contains an invalid format. "
                "Update the AppSpec file, and then try again."
            )
        return self.default_acl()

    def default_acl(self) -> Optional[str]:
        """What the agent says of a default ACL on a file; None where there is none."""
        aces = self._permission.acls
        for ace in aces if isinstance(aces, list) else ():
            parts = str(ace).split(":")
            if any(part in ("d", "default") for part in parts[:-2]):
                return (
                    "The deployment failed because the -d parameter has been specified to apply an acl setting to a "
                    "file. This parameter is supported for directories only. Update the AppSpec file, and then try "
                    "again."
                )
        return None


def _simple(pattern: str) -> re.Pattern[str]:
    """Version 1's globs for one name: ``*`` for anything, all else as it stands."""
    parts = (re.escape(part) for part in re.split(r"\*+", pattern))
    return re.compile("(?s:" + ".*".join(parts) + r")\Z")


def _version_2(pattern: str) -> re.Pattern[str]:
    """Version 2's: literal without a ``*``; with one, ``?``, ``[]`` and ``{}`` are special, too."""
    if "*" not in pattern:
        return re.compile(re.escape(pattern) + r"\Z")
    choices = re.split(r"\{([^{}]*)\}", pattern)
    text = ""
    for index, part in enumerate(choices):
        if index % 2:
            text += "(?:" + "|".join(_globbed(choice) for choice in part.split(",")) + ")"
        else:
            text += _globbed(part)
    return re.compile("(?s:" + text + r")\Z")


def _globbed(part: str) -> str:
    found = re.fullmatch(r"\(\?s:(.*)\)\\[Zz]", fnmatch.translate(part), re.DOTALL)
    return found[1] if found else re.escape(part)


def mode_of(value: Any, version: int) -> int:
    """The permission bits of a ``mode``. Unquoted ``0644`` is a number for YAML; version 1 takes it as 420."""
    text = value.written if version == 2 and isinstance(value, Octal) else ruby.to_s(value)
    return int(text or "0", 8) & 0o7777


def mask_of(aces: Any) -> Optional[int]:
    """The bits of an ACL's own mask entry, which show as the group's; None where it has none."""
    for ace in aces if isinstance(aces, list) else ():
        parts = str(ace).split(":")
        if parts[0] in ("m", "mask") or (len(parts) == 2 and parts[0] in ("m", "mask")):
            bits = parts[-1]
            return int(bits) if bits.isdigit() else sum(_BITS.get(bit, 0) for bit in set(bits))
    return None
