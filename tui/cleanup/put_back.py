"""One step of an undo: what lies in quarantine put back where it was, over nothing, through no link."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import Callable, Optional

from tui.cleanup.calls import Handle
from tui.cleanup.identity import Key, is_back, is_kept, key_of, kind_of, seen_key
from tui.cleanup.journal import Became, Before, Loaded, Outcome
from tui.cleanup.quarantine import COPY, NEW, Quarantine
from tui.cleanup.records import Act, Did, PlanStep
from tui.cleanup.renaming import NO_LINKS
from tui.cleanup.state_dir import CleanupError, Site, told
from tui.cleanup.ways import Moved, Way
from tui.disk.inventory import DIR, FILE, LINK
from tui.disk.opened import Status
from tui.paths import split

BACK = Became(Did.PUT_BACK, False)
UNTOLD = "what became of it cannot be told"
_WRITTEN = Became(Did.PUT_BACK, False, "it was changed while it lay in quarantine, and is back as it is now")


class Putting:
    """Puts steps back, what is above before what is in it.

    A directory that is to be made anew is made in ``partial`` first, with the attributes that the journal has, so that
    it appears in its place whole and can be told from one that somebody else made there. Until its content is back
    its owner may write in it, and its times are set last: ``finish``.
    """

    def __init__(self, site: Site, quarantine: Quarantine, loaded: Loaded, note: Callable[[Before], None]) -> None:
        """``note`` writes down that a directory was made in its place."""
        self._note = note
        self._way: Optional[Way] = None  # the directory of the step before
        self._kept: Optional[Way] = None  # and its place in quarantine
        self._site = site
        self._calls = site.calls
        self._quarantine = quarantine
        self._directories = loaded.directories
        self._outcomes = loaded.outcomes
        self._steps = {step.path: step for step in loaded.plan.steps}
        self._copied: set[Key] = set()
        self._placed: dict[Key, int] = {}  # files with several names that were copied back -> inode there
        self._names: dict[Key, list[PlanStep]] = {}
        for step in loaded.plan.steps:
            if step.seen.links > 1 and step.seen.kind != DIR:
                self._names.setdefault(seen_key(step.seen), []).append(step)

    def is_there(self, step: PlanStep) -> bool:
        """Whether a directory was made anew already; the inode of the one that went may be another's by now.

        Raises OSError where that cannot be told.
        """
        directory, name = split(step.path)
        before = self._directories.get(step.path)
        try:
            found = self._calls.look(name, self._site.ways.at(directory).handle)
        except (FileNotFoundError, Moved):
            return False
        return before is not None and kind_of(found) == DIR and found.st_ino == before.made

    def stage(self, step: PlanStep) -> None:
        """Make a directory in ``partial``. Raises OSError."""
        before = self._directories.get(step.path)
        if before is None:
            return
        partial, name = self._quarantine.partial(before.place), self._quarantine.partial_name(step.number)
        self._calls.mkdir(name, partial)
        before.made = self._dressed(before, name, partial)

    def put(self, steps: Sequence[PlanStep], stopping: Callable[[], bool]) -> list[Became]:
        """Put back the first of some steps in one directory, and those after it that are as quickly done.

        ``stopping`` is asked before each but the first. Raises only what a journal or a killed process does.
        """
        became: list[Became] = []
        step = steps[0]
        directory, name = split(step.path)
        try:
            way = self._way
            if way is None or way.path != directory:
                self._way = self._kept = None
                way = self._way = self._above(directory)
            if step.seen.kind == DIR:
                return [self._directory(step, name, way)]
            if step.act is Act.RESTORE:
                return [self._record(step, name, way)]
            at = len(step.path) - len(name)
            for step in steps:
                if became and (step[4][0] == DIR or step[2] is Act.RESTORE or self._copied or stopping()):
                    break
                became.append(self._file(step, step[1][at:], way))
        except Moved as error:
            self._way = None
            became.append(Became(Did.CONFLICT, True, f"its directory is not what it was: {error.strerror}"))
        except OSError as error:
            became.append(Became(Did.FAILED, True, f"it could not be put back: {told(error)}"))
        return became

    def leave(self) -> None:
        """Let go of the directory of the last steps."""
        self._way = self._kept = None

    def finish(self, before: Before) -> Optional[str]:
        """Give a directory the permissions and times that it had; why not, where that failed.

        ``left_ns`` is then when it was changed last.
        """
        calls = self._calls
        try:
            way = self._site.ways.at(before.path)
            found = calls.look(".", way.handle)
            before.left_ns = found.st_mtime_ns
            atime_ns = getattr(found, "st_atime_ns", before.atime_ns)
            if before.made is not None and found.st_ino == before.made:
                if found.st_mode & 0o7777 != before.mode:
                    calls.set_mode(way.handle, before.mode)
                atime_ns = before.atime_ns
            elif not before.times:
                return None
            calls.set_times(way.handle, atime_ns, before.mtime_ns)
            before.left_ns = calls.look(".", way.handle).st_mtime_ns
        except OSError as error:
            return f"its mode or times could not be set: {told(error)}"
        return None

    # -- directories --------------------------------------------------------------------------

    def _above(self, directory: str) -> Way:
        """The directory that something is put back into; made anew where it is gone. Raises OSError, Moved."""
        try:
            return self._site.ways.at(directory)
        except FileNotFoundError:
            before = self._directories.get(directory)
            if before is None or directory == "/":
                raise
        above, name = split(directory)
        self._make(before, name, self._above(above))
        return self._site.ways.at(directory)

    def _make(self, before: Before, name: str, way: Way) -> None:
        """Make a directory anew where it cannot be moved to: beside its place first, as ``stage`` does elsewhere."""
        calls, part, made = self._calls, self._quarantine.beside(NEW), before.made
        if self._look(name, way) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
        calls.mkdir(part, way.handle)
        try:
            before.made = self._dressed(before, part, way.handle)
            self._note(before)
            calls.rename(part, way.handle, name, way.handle)
        except (OSError, CleanupError):
            before.made = made
            with contextlib.suppress(OSError):  # the next undo tries again
                calls.rmdir(part, way.handle)
            raise

    def _dressed(self, before: Before, name: str, here: Handle) -> int:
        """Give a new directory what it had, though its owner may write in it for now; its inode."""
        calls = self._calls
        handle = calls.open_dir(name, here)
        try:
            found = calls.look(".", handle)
            if (found.st_uid, found.st_gid) != (before.uid, before.gid):
                calls.set_owner(handle, before.uid, before.gid)
            calls.set_attributes(handle, before.xattrs)
            calls.set_mode(handle, before.mode | 0o700)
            return found.st_ino
        finally:
            calls.close(handle)

    def _directory(self, step: PlanStep, name: str, way: Way) -> Became:
        calls, before = self._calls, self._directories.get(step.path)
        if before is None:
            return Became(Did.FAILED, True, "the journal does not have its attributes")
        partial, part = self._quarantine.partial(before.place), self._quarantine.partial_name(step.number)
        there = self._look(name, way)
        own = own_inodes(step, before, self._outcomes[step.number])
        if there is not None and kind_of(there) == DIR and there.st_ino in own:
            return BACK
        if there is None:
            try:
                try:
                    calls.rename(part, partial, name, way.handle)
                except OSError as error:
                    if error.errno not in (errno.EXDEV, errno.ENOENT):
                        raise
                    self._make(before, name, way)
                return BACK
            except FileExistsError:
                there = self._look(name, way)
        if there is not None and kind_of(there) == DIR:
            return Became(Did.CONFLICT, True, "a directory stands there already; it was left as it is")
        return Became(Did.CONFLICT, True, "something else stands there already; it was left as it is")

    # -- all else -----------------------------------------------------------------------------

    def _look(self, name: str, way: Way) -> Optional[Status]:
        try:
            return self._calls.look(name, way.handle)
        except FileNotFoundError:
            return None

    def _mirror(self, step: PlanStep) -> Optional[Way]:
        if self._kept is None:
            directory = split(step.path)[0]
            before = self._directories.get(directory)
            try:
                self._kept = self._quarantine.at(0 if before is None else before.place, directory)
            except FileNotFoundError:
                return None
        return self._kept

    def _file(self, step: PlanStep, name: str, way: Way) -> Became:
        seen, calls = step.seen, self._calls
        mirror = self._kept or self._mirror(step)
        kept = None if mirror is None else self._look(name, mirror)
        if mirror is None or kept is None:
            there = self._look(name, way)
            if there is not None and is_kept(seen, there):  # an earlier run, which was cut off
                return BACK
            outcome = self._outcomes[step.number]
            if outcome is not None and outcome.did is Did.PURGED:  # by a purge that was cut off
                return Became(Did.PURGED, False)
            return Became(Did.FAILED, True, "it is not in quarantine any more")
        back = BACK
        if not is_kept(seen, kept):
            if kept.st_ino != seen.inode or kind_of(kept) != seen.kind:
                reason = "what lies in quarantine is not what was moved there; it was left there"
                return Became(Did.FAILED, True, reason)
            back = _WRITTEN  # by a program that still has it open, most likely
        if not self._site.ways.sure(way):
            raise Moved(errno.ENOTDIR, "it was moved while it was worked in", step.path)
        if self._copied and seen_key(seen) in self._copied:  # another name of it was: it is to be one file again
            return self._across(step, name, way, mirror)
        try:
            calls.rename(name, mirror.handle, name, way.handle)
        except FileExistsError:
            return self._taken(step, name, way, mirror)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            return self._across(step, name, way, mirror)
        return back

    def _taken(self, step: PlanStep, name: str, way: Way, mirror: Way) -> Became:
        """Something stands in the place: it may be the thing itself, of which quarantine has but a second copy."""
        there = self._look(name, way)
        kept = self._look(name, mirror)
        one = there is not None and kept is not None and key_of(there) == key_of(kept)
        if one or self._equal(step, name, way, mirror):  # no inode is trusted: that of what was copied away is free
            self._calls.unlink(name, mirror.handle)
            return BACK
        return Became(Did.CONFLICT, True, "something stands there already; it was left, and this stays in quarantine")

    def _equal(self, step: PlanStep, name: str, way: Way, mirror: Way) -> bool:
        """Whether what stands at a name is in everything what the step has in quarantine. Raises OSError."""
        calls, kept_name = self._calls, split(step.path)[1]
        there, kept = self._look(name, way), self._look(kept_name, mirror)
        if there is None or kept is None or not (is_kept(step.seen, there) and is_kept(step.seen, kept)):
            return False
        one, other = (name, way.handle), (kept_name, mirror.handle)
        if step.seen.kind == FILE and calls.digest(*one) != calls.digest(*other):
            return False
        if step.seen.kind == LINK and calls.read_link(*one) != calls.read_link(*other):
            return False
        if getattr(there, "st_rdev", 0) != getattr(kept, "st_rdev", 0):
            return False
        return calls.attributes(*one) == calls.attributes(*other)

    def _across(self, step: PlanStep, name: str, way: Way, mirror: Way) -> Became:
        """Back from another file system: copied beside its place, compared, moved into it, then removed there."""
        calls = self._calls
        if self._look(name, way) is not None:
            return self._taken(step, name, way, mirror)
        part = self._quarantine.beside(COPY)
        try:
            if not self._linked(step, part, way, mirror):
                calls.copy(name, mirror.handle, part, way.handle)
            calls.rename(part, way.handle, name, way.handle)
            calls.sync(way.handle)
        except OSError as error:
            with contextlib.suppress(OSError):  # the next undo tries again
                calls.unlink(part, way.handle)
            if isinstance(error, FileExistsError):
                return self._taken(step, name, way, mirror)
            raise
        self._copied.add(seen_key(step.seen))
        try:
            if step.seen.links > 1:
                self._placed[seen_key(step.seen)] = calls.look(name, way.handle).st_ino
            calls.unlink(name, mirror.handle)
        except OSError as error:
            return Became(
                Did.FAILED, True, f"it is back, but its copy in quarantine could not be removed: {told(error)}"
            )
        return BACK

    def _linked(self, step: PlanStep, part: str, way: Way, mirror: Way) -> bool:
        """Make it another name of a file that was put back before, or was never taken, where both were one."""
        for other in (
            self._names.get(seen_key(step.seen), ())[::-1] if step.seen.links > 1 else ()
        ):  # the last is back first
            directory, known = split(other.path)
            try:
                above = self._site.ways.at(directory)
            except (FileNotFoundError, Moved):
                continue
            if other is step or not self._same_file(step, known, above, mirror):
                continue
            try:
                self._calls.link(known, above.handle, part, way.handle)
                return True
            except OSError as error:
                if error.errno not in NO_LINKS:
                    raise
        return False

    def _same_file(self, step: PlanStep, known: str, way: Way, mirror: Way) -> bool:
        """Whether at another name stands what this step took: put back by this run, or an equal one."""
        there = self._look(known, way)
        if there is None:
            return False
        placed = there.st_ino == self._placed.get(seen_key(step.seen)) and is_kept(step.seen, there)
        return placed or self._equal(step, known, way, mirror)

    def clear(self, directories: Iterable[str]) -> None:
        """Remove what earlier runs, cut off or failed, may have left beside its place in directories."""
        calls = self._calls
        for path in directories:
            with contextlib.suppress(OSError):
                here = self._site.ways.at(path).handle
                for what, remove in ((COPY, calls.unlink), (NEW, calls.rmdir)):
                    with contextlib.suppress(OSError):
                        remove(self._quarantine.beside(what), here)

    def _record(self, step: PlanStep, name: str, way: Way) -> Became:
        """An agent's record that was put right: the new one goes, if it is still what was written."""
        calls, aside = self._calls, self._quarantine.beside(step.number)
        there = self._look(name, way)
        mirror = self._mirror(step)
        if mirror is None or self._look(name, mirror) is None or there is None:
            return self._without(step, aside, way, self._file(step, name, way))
        if is_back(step.seen, there) or self._equal(step, name, way, mirror):
            return self._without(step, aside, way, self._file(step, name, way))
        content = step.content or b""
        if kind_of(there) != FILE or calls.digest(name, way.handle) != hashlib.sha256(content).hexdigest():
            return Became(Did.CONFLICT, True, "it was written to since it was put right; it was left as it is")
        calls.rename(name, way.handle, aside, way.handle)
        became = None
        try:
            became = self._file(step, name, way)
        finally:
            if became is None or became.did is not Did.PUT_BACK:
                self._aside_back(aside, name, way)
        return self._without(step, aside, way, became)

    def _aside_back(self, aside: str, name: str, way: Way) -> None:
        """The new record into its place again, unless the old one is there."""
        with contextlib.suppress(OSError):
            try:
                self._calls.rename(aside, way.handle, name, way.handle)
            except FileExistsError:
                self._calls.unlink(aside, way.handle)

    def _without(self, step: PlanStep, aside: str, way: Way, became: Became) -> Became:
        """Remove the new record, which was moved aside, once the old one is back; ``tidy`` tries again."""
        if became.did is Did.PUT_BACK:
            with contextlib.suppress(OSError):
                self._calls.unlink(aside, way.handle)
        return became

    def tidy(self, step: PlanStep) -> Optional[str]:
        """What was left beside a record that is back goes too; why not, where it cannot."""
        directory, aside = split(step.path)[0], self._quarantine.beside(step.number)
        try:
            self._calls.unlink(aside, self._site.ways.at(directory).handle)
        except FileNotFoundError:
            return None
        except OSError as error:
            return f"{aside} is left beside it, it could not be removed: {told(error)}"
        return None


def own_inodes(step: PlanStep, before: Before, outcome: Optional[Outcome]) -> tuple[Optional[int], ...]:
    """The inodes by which a directory is the one that is to be there.

    One that went is not known by its inode: that soon is another directory's. Where it could not be told what became of
    it, it may never have gone.
    """
    untold = outcome is not None and outcome.reason.startswith(UNTOLD)
    return (before.made, step.seen.inode) if untold else (before.made,)
