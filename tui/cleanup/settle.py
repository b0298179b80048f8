"""What became of a step that the journal does not tell of: found out by looking at both places."""

from __future__ import annotations

import contextlib
import hashlib
from typing import NamedTuple, Optional

from tui.cleanup.identity import is_back, is_kept, kind_of
from tui.cleanup.journal import Became, Before, Loaded
from tui.cleanup.put_back import UNTOLD
from tui.cleanup.quarantine import Quarantine
from tui.cleanup.records import Act, Did, PlanStep, State
from tui.cleanup.state_dir import Site, told
from tui.cleanup.take import SINCE, Taking
from tui.cleanup.ways import Way
from tui.disk.inventory import DIR, FILE
from tui.disk.opened import Status
from tui.paths import split

_GONE = (FileNotFoundError, NotADirectoryError)
_ANOTHER = "another one lies in quarantine in its place"


class _Stands(NamedTuple):
    """What is at a step's path, and under its name in quarantine; None: nothing."""

    there: Optional[Status]
    kept: Optional[Status]
    is_it: bool  # the very thing that was planned stands at its path
    kept_is_it: bool  # what is in quarantine is what was planned, or a whole copy of it


class Settling:
    """Finds out of steps without a result what became of them. Every answer's ``did`` is PENDING where nothing did."""

    def __init__(self, site: Site, quarantine: Quarantine, loaded: Loaded, taking: Optional[Taking] = None) -> None:
        """``taking``: to finish with."""
        self._site = site
        self._calls = site.calls
        self._quarantine = quarantine
        self._loaded = loaded
        self._undoing = loaded.entry.state is State.UNDOING
        self._taking = taking

    def look(self, step: PlanStep) -> Became:
        """What became of a step; nothing is changed."""
        try:
            stands = self._stands(step)
            return self._undone(step, stands) if self._undoing else self._taken(step, stands)
        except OSError as error:
            return _untold(error)

    def finish(self, step: PlanStep) -> Became:
        """What became of a step, what was half done made whole."""
        taking = self._taking
        assert taking is not None
        try:
            stands = self._stands(step)
            became = self._taken(step, stands)
            if stands.kept is None:
                return became
            if not stands.kept_is_it:
                return self._give_back(step, became)
            if stands.is_it:
                single = taking.uncopy(step, stands.there, stands.kept)
                if single.did is not Did.MOVED:
                    return single
            if became.did is not Did.PENDING:
                return became
            return taking.delete_kept(step) if step.act is Act.DELETE else taking.put_right(step, stands.kept)
        except OSError as error:
            return _untold(error)

    def back(self, step: PlanStep) -> Became:
        """What became of a step, so that an undo can put it back."""
        became = self.look(step)
        if became.did is Did.FAILED and became.reason == _ANOTHER:
            return self._give_back(step, became)
        if step.act is Act.RESTORE and not became.held:
            directory = split(step.path)[0]
            with contextlib.suppress(*_GONE):  # its new content, which was still to be moved into its place
                self._calls.unlink(self._quarantine.beside(step.number), self._site.ways.at(directory).handle)
        return became._replace(did=Did.MOVED) if became.did is Did.PENDING and became.held else became

    def times(self) -> list[Before]:
        """The directories that lost an entry; nobody knows whether others changed them too, so their times are set."""
        parents = {split(step.path)[0] for step in self._loaded.plan.steps}
        found = [before for path, before in self._loaded.directories.items() if path in parents]
        for before in found:
            before.times = True
        return found

    def tidy(self, step: PlanStep) -> None:
        """Where an undo ends in the middle: a record that was put right is whole, old or new. Raises OSError."""
        if step.act is not Act.RESTORE:
            return
        directory, name = split(step.path)
        with contextlib.suppress(*_GONE):
            way, aside = self._site.ways.at(directory), self._quarantine.beside(step.number)
            self._calls.look(aside, way.handle)
            try:
                self._calls.rename(aside, way.handle, name, way.handle)
            except FileExistsError:
                self._calls.unlink(aside, way.handle)

    # -- looking ------------------------------------------------------------------------------

    def _mirror(self, directory: str) -> Way:
        before = self._loaded.directories.get(directory)
        return self._quarantine.at(0 if before is None else before.place, directory)

    def _stands(self, step: PlanStep) -> _Stands:
        directory, name = split(step.path)
        there = kept = None
        with contextlib.suppress(*_GONE):
            there = self._calls.look(name, self._site.ways.at(directory).handle)
        seen = step.seen
        if seen.kind == DIR:
            before = self._loaded.directories.get(step.path)
            own = before.made if self._undoing and before is not None else seen.inode
            return _Stands(there, None, there is not None and kind_of(there) == DIR and there.st_ino == own, False)
        with contextlib.suppress(*_GONE):
            kept = self._calls.look(name, self._mirror(directory).handle)
        is_it = there is not None and is_back(seen, there)
        return _Stands(there, kept, is_it, kept is not None and is_kept(seen, kept))

    def _undone(self, step: PlanStep, stands: _Stands) -> Became:
        """In an undo that was cut off."""
        if stands.kept is None and stands.there is not None and (stands.is_it or self._is_copy(step, stands.there)):
            return Became(Did.PUT_BACK, False)
        return Became(Did.PENDING, True)

    @staticmethod
    def _is_copy(step: PlanStep, there: Status) -> bool:
        return step.seen.kind != DIR and is_kept(step.seen, there)

    def _taken(self, step: PlanStep, stands: _Stands) -> Became:
        """In a cleanup that was cut off."""
        deleted = step.act is Act.DELETE
        if step.seen.kind == DIR:
            if stands.is_it:
                return Became(Did.PENDING, False)
            return Became(Did.DELETED, False) if deleted else Became(Did.MOVED, True)
        if stands.kept is not None:
            if not stands.kept_is_it:
                return Became(Did.FAILED, True, _ANOTHER)
            if step.act is Act.QUARANTINE:
                return Became(Did.MOVED, True)
            if deleted or stands.there is None or stands.is_it:
                return Became(Did.PENDING, True, "it lies in quarantine")
            if self._is_new(step, stands.there):
                return Became(Did.RESTORED, True)
            return Became(Did.MOVED, True, "something else stands in its place")
        if stands.is_it:
            return Became(Did.PENDING, False)
        if stands.there is None:
            return Became(Did.DELETED, False) if deleted else Became(Did.SKIPPED, False, f"{SINCE}: it is gone")
        return Became(Did.SKIPPED, False, f"{SINCE}: another one stands in its place now")

    def _is_new(self, step: PlanStep, there: Status) -> bool:
        directory, name = split(step.path)
        if kind_of(there) != FILE:
            return False
        digest = self._calls.digest(name, self._site.ways.at(directory).handle)
        return digest == hashlib.sha256(step.content or b"").hexdigest()

    def _give_back(self, step: PlanStep, became: Became) -> Became:
        """Another thing than was planned had been put there just then: back with it, if its place is free."""
        directory, name = split(step.path)
        try:
            way = self._site.ways.at(directory)
            self._calls.rename(name, self._mirror(directory).handle, name, way.handle)
        except OSError as error:
            return became._replace(reason=f"{became.reason}; it could not be put back: {told(error)}")
        return Became(Did.SKIPPED, False, f"{SINCE}: another one stood in its place")


def _untold(error: OSError) -> Became:
    """Neither place could be looked at: it may lie in quarantine, and an undo is to look there."""
    return Became(Did.FAILED, True, f"{UNTOLD}: {told(error)}")
