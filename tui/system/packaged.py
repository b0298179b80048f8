"""Files that distribution packages own, in columns."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from tui.agent.records import Problem

MAX_PATHS = 500_000
FILE, CONFIG, GHOST = range(3)  # a file or directory, a configuration file, one that only the running system makes
_LINE_BITS = 31


class Package(NamedTuple):
    """An installed package, as its database names it. ``source`` is the database's file."""

    name: str
    version: str
    source: str


class Owned(NamedTuple):
    """One path that a package owns; ``others`` own it as well. ``line``: of ``package.source``, where it has lines."""

    package: Package
    role: int  # FILE, CONFIG or GHOST
    line: Optional[int]
    others: int


@dataclass
class Packaged:
    """Paths of packages, those that were asked for."""

    packages: list[Package] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)  # the ones that were read
    _row: dict[str, int] = field(default_factory=dict)
    _package: array[int] = field(default_factory=lambda: array("I"))
    _line: array[int] = field(default_factory=lambda: array("I"))  # 0: none
    _role: bytearray = field(default_factory=bytearray)
    _others: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._row)

    @property
    def full(self) -> bool:
        """Whether no more paths are taken."""
        return len(self._row) >= MAX_PATHS

    def add(self, path: str, package: int, role: int = FILE, line: int = 0) -> None:
        """A path of the package with that index. The first package counts; a configuration file stays one."""
        row = self._row.get(path)
        if row is None:
            if not self.full:
                self._row[path] = len(self._package)
                self._package.append(package)
                self._line.append(line if line < 1 << _LINE_BITS else 0)
                self._role.append(role)
        elif self._package[row] == package:
            self._role[row] = max(role, self._role[row])
        else:
            self._others[row] = self._others.get(row, 0) + 1

    def of(self, path: str) -> Optional[Owned]:
        """The package that owns a path."""
        row = self._row.get(path)
        if row is None:
            return None
        package = self.packages[self._package[row]]
        return Owned(package, self._role[row], self._line[row] or None, self._others.get(row, 0))

    def problem(self, code: str, path: str, message: str, severity: str = "warning") -> None:
        """Something that is wrong with a database."""
        self.problems.append(Problem(code, path, message, severity=severity))
