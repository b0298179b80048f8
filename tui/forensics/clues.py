"""What is cheap to say of any path, and so is said again when it is shown instead of being kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Optional

from tui.agent.records import Instance, LogFile, Problem
from tui.disk.inventory import DIR, UNKNOWN_TIME, Inventory
from tui.disk.root import Root
from tui.forensics.evidence.app_files import AppFile, AppFiles, Strength, app_evidence
from tui.forensics.evidence.before import Before, FirstDeployments, before_evidence
from tui.forensics.evidence.open_files import OpenFiles, open_evidence
from tui.forensics.evidence.output_words import Says
from tui.forensics.evidence.owners import RunAs, RunAsUser, owner_evidence
from tui.forensics.evidence.packages import Packages, package_evidence
from tui.forensics.evidence.script_names import NamedAfter, ScriptNames, name_evidence
from tui.forensics.evidence.script_output import Named, OutputPaths, output_evidence
from tui.forensics.marks import Evidence
from tui.forensics.targets import Targets
from tui.paths import split
from tui.system.open_files import Holder
from tui.system.packaged import GHOST, Owned


class Clues(NamedTuple):
    """The cheap evidence for one path."""

    package: Optional[Owned] = None
    said: Optional[Named] = None
    runas: Optional[RunAsUser] = None
    before: Optional[Before] = None
    app: Optional[AppFile] = None
    holders: tuple[Holder, ...] = ()
    workers: tuple[Holder, ...] = ()  # processes whose working directory it is
    named: Optional[NamedAfter] = None

    @property
    def packaged(self) -> bool:
        """Whether a package brought the file; one that it only calls its own, the running system makes."""
        return self.package is not None and self.package.role != GHOST

    @property
    def said_made(self) -> bool:
        """Whether a script's output says that it made the path."""
        return self.said is not None and self.said.says == Says.MADE

    @property
    def long_there(self) -> bool:
        """Whether a time that no program can set says that it is older than the group's first deployment."""
        return self.before is not None and self.before.strong

    @property
    def looks_running(self) -> bool:
        """Whether it looks like the running app's own."""
        return self.app is not None and self.app.strength != Strength.LATER

    @property
    def held(self) -> bool:
        """Whether a process of now writes to it."""
        return bool(self.holders) and any(holder.writes for holder in self.holders)

    def pieces(self) -> tuple[Evidence, ...]:
        """The clues as evidence."""
        shown = []
        if self.said is not None:
            shown.append(output_evidence(self.said))
        if self.named is not None:
            shown.append(name_evidence(self.named))
        if self.runas is not None:
            shown.append(owner_evidence(self.runas))
        if self.before is not None:
            shown.append(before_evidence(self.before))
        if self.app is not None:
            shown.append(app_evidence(self.app))
        return (*shown, *self.others())

    def others(self) -> tuple[Evidence, ...]:
        """Those clues that matter for deployed paths too: who else has to do with it."""
        shown = []
        if self.package is not None:
            shown.append(package_evidence(self.package))
        if self.holders:
            shown.append(open_evidence(self.holders))
        if self.workers:
            shown.append(open_evidence(self.workers, working=True))
        return tuple(shown)


class ClueFinder:
    """All cheap evidence about one instance, ready to be asked by path."""

    def __init__(
        self,
        root: Root,
        instance: Instance,
        targets: Targets,
        offset: Callable[[LogFile, float], float],
        held: Optional[OpenFiles] = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.targets = targets
        self.names = ScriptNames(instance)
        self.runas = RunAs(instance)
        self.firsts = FirstDeployments(root, instance, offset)
        self.apps = AppFiles(instance, offset)
        self.packages = Packages(root, instance, [*targets.request.trees, *targets.request.singles])
        self.output = OutputPaths(root, instance, targets.holds, cancelled=cancelled)
        self.held = held or OpenFiles({})

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read."""
        return (*self.packages.problems, *self.output.problems)

    def of(self, inventory: Inventory, row: int, path: str) -> Clues:
        """What there is to say of a row."""
        ctime = inventory.ctime_ns[row]
        owner = self.targets.owner(path)
        group = -1 if owner is None else owner
        return Clues(
            package=self.packages.of(path),
            said=self.output.of(path),
            runas=self.runas.of(inventory.uid[row]),
            before=self.firsts.before(
                group,
                inventory.mtime_ns[row],
                None if ctime == UNKNOWN_TIME else ctime,
                inventory.births.get(row),
            ),
            app=self.apps.of(path, inventory.type[row], inventory.mtime_ns[row], group),
            holders=self.held.of(path),
            workers=self.held.working_in(path) if inventory.type[row] == DIR else (),
            named=self.names.of(split(path)[1]),
        )
