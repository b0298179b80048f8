"""Gathering the evidence for paths that no cleanup file lists, one Inventory at a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Optional

from tui.disk.inventory import DIR, LINK, UNKNOWN_TIME, Inventory
from tui.disk.root import RootError
from tui.forensics.clues import ClueFinder, Clues
from tui.forensics.evidence.install_times import InstallWindow
from tui.forensics.evidence.left_times import Left, LeftTimes
from tui.forensics.evidence.planned import Planned
from tui.forensics.evidence.revisions import Claim, Verdict
from tui.forensics.evidence.script_times import Window
from tui.forensics.found import NOTHING, Found
from tui.forensics.marker import Marker

NO_CLUES = Clues()
MARGIN = 2.0  # seconds: some file systems keep times no finer
BIRTHS_AT_MOST = 50_000  # paths whose birth time is asked for one by one


class Gatherer:
    """Asks everything that the records say, path by path."""

    def __init__(self, marker: Marker, inventory: Inventory, clues: Optional[ClueFinder]) -> None:
        self.marker = marker
        self._clues = clues
        self.inventory = inventory
        self.left = LeftTimes(marker.instance, marker.scripts, inventory, marker.listed.claims)
        self._births_left = BIRTHS_AT_MOST if marker.times.windows or marker.installs.windows else 0

    def clues(self, row: int, path: str) -> Clues:
        """What is cheap to say of a row."""
        return self._clues.of(self.inventory, row, path) if self._clues is not None else NO_CLUES

    def found(self, row: int, path: str) -> Optional[Found]:
        """What takes a look at the disk or is in few records; None where that is nothing."""
        marker = self.marker
        try:
            claim = marker.revisions.claim(self.inventory, row, path)
        except RootError:
            claim = None
        mentions = marker.scripts.mentions(path, self.inventory.type[row] == DIR)
        window, sure, what = self._script(row, path, {m.event for m in mentions if m.use.makes})
        install, install_what = self._install(row, path)
        found = Found(
            claim=claim,
            planned=self._planned(row, path, claim),
            cut_off=next(iter(marker.dropped.get(path, ())), None),
            mentions=mentions,
            window=window,
            sure=sure,
            what=what,
            install=install,
            install_what=install_what,
            left=self._left(row, path) if window is None else None,
        )
        return None if found == NOTHING else found

    def _planned(self, row: int, path: str, claim: Optional[Claim]) -> Optional[Planned]:
        """What an install plan says of a row that no cleanup file lists.

        Of what is not the revision's own, an Install that was cut short can have made only a file that it was
        writing: one that was last written before that Install began is not its work, nor is one of another type.
        """
        planned = self.marker.plans.get(path)
        if planned is None or not planned.interrupted or claim is None or claim.verdict != Verdict.DIFFERENT:
            return planned
        plan, mtime = self.marker.instance.groups[planned.group].plan, self.inventory.mtime_ns[row]
        before = plan is not None and mtime != UNKNOWN_TIME and mtime < (plan.mtime - MARGIN) * 1e9
        if before or self.inventory.type[row] in (DIR, LINK):
            return planned._replace(interrupted=False, untouched=True)
        return planned

    def _script(self, row: int, path: str, events: Collection[str]) -> tuple[Optional[Window], bool, str]:
        """The script that ran when a row was last written, else when it was made."""
        times, mtime = self.marker.times, self.inventory.mtime_ns[row]
        if times.windows and mtime != UNKNOWN_TIME:
            window, sure = times.at(mtime / 1e9, events)
            if window is not None:
                return window, sure, "last written"
        born = self._born(row, path)
        if times.windows and born is not None:
            window, sure = times.at(born / 1e9, events)
            if window is not None:
                return window, sure, "made"
        return None, False, ""

    def _install(self, row: int, path: str) -> tuple[Optional[InstallWindow], str]:
        """The Install event that ran when a row was made; a copied file keeps its time of writing."""
        installs, mtime = self.marker.installs, self.inventory.mtime_ns[row]
        if not installs.windows:
            return None, ""
        if self.inventory.type[row] in (DIR, LINK) and mtime != UNKNOWN_TIME:
            window = installs.at(mtime / 1e9)
            if window is not None:
                return window, "last changed"
        born = self._born(row, path)
        window = installs.at(born / 1e9) if born is not None else None
        return (window, "made") if window is not None else (None, "")

    def _left(self, row: int, path: str) -> Optional[Left]:
        """A file of a script's that was written at about the same time, where no log tells of the script."""
        mtime = self.inventory.mtime_ns[row]
        if not self.left.points or mtime == UNKNOWN_TIME or self.inventory.type[row] == DIR:
            return None
        return self.left.at(mtime, path)

    def _born(self, row: int, path: str) -> Optional[int]:
        births = self.inventory.births
        if row not in births and self._births_left > 0:
            self._births_left -= 1
            born = self.marker.root.birth_ns(path)
            if born is not None:
                births[row] = born
        return births.get(row)
