"""Distribution packages: which one owns a path, by the system's own package database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from tui.agent.records import Instance, Problem
from tui.disk.root import Root
from tui.forensics.evidence import at
from tui.forensics.marks import Evidence, Mark
from tui.system.dpkg import read_dpkg
from tui.system.packaged import CONFIG, GHOST, Owned, Packaged
from tui.system.places import Places
from tui.system.rpm import read_rpm


class Packages:
    """Owners of the paths at and below ``below`` (absolute, links resolved), read once.

    ``databases`` are what was read: none on Windows, or where the instance has no dpkg and no rpm
    database. ``problems`` say what could not be read: then no owner means nothing.
    """

    def __init__(self, root: Root, instance: Instance, below: Sequence[str]) -> None:
        self._found = Packaged()
        places = Places(root, below)
        if not instance.windows and places.wanted:
            read_dpkg(root, places, self._found)
            read_rpm(root, places, self._found)

    @property
    def databases(self) -> tuple[str, ...]:
        return tuple(self._found.databases)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._found.problems)

    def __len__(self) -> int:
        return len(self._found)

    def of(self, path: str) -> Optional[Owned]:
        """The package that owns a path."""
        return self._found.of(path)


def package_evidence(owned: Owned) -> Evidence:
    """Which package owns a path, and how."""
    package = owned.package
    named = f"{package.name} {package.version}".strip()
    others = f" (and {owned.others} more)" if owned.others else ""
    if owned.role == GHOST:
        detail = f"the package {named}{others} owns it, and the running system makes it"
    elif owned.role == CONFIG:
        detail = f"the package {named}{others} owns it as a configuration file"
    else:
        detail = f"the package {named}{others} owns it"
    return Evidence("package", detail, at(package.source, owned.line), Mark.UNATTRIBUTED)
