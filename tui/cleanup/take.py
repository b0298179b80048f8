"""One step of a cleanup: looked at once more, then taken away, with nothing else touched whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator, Mapping, Sequence
from typing import Callable, Optional

from tui.cleanup.calls import Calls
from tui.cleanup.copying import NotTheSame
from tui.cleanup.identity import Key, changed, is_kept, key_of, seen_key
from tui.cleanup.journal import MOVED, Became, Before
from tui.cleanup.new_records import NewRecords, dropped
from tui.cleanup.quarantine import Quarantine
from tui.cleanup.records import Act, Did, PlanStep
from tui.cleanup.state_dir import Site, told
from tui.cleanup.ways import Moved, Way, Ways
from tui.disk.inventory import DIR, FILE, LINK, OTHER
from tui.disk.opened import Status
from tui.paths import split

_PLAIN = (FILE, OTHER)  # what has no text of its own to be compared, as links have
SINCE = "changed since it was planned"
_PARTED = "it has other names that stay, and quarantine is on another file system: a copy would part them"


class Taking:
    """Takes the steps of a plan, one directory after the other.

    A file is looked at by descriptor, moved into quarantine by a rename that replaces nothing, and looked at there,
    unless the system tells that nobody did anything in its directory meanwhile: had another one been put in its place
    in between, that one is moved back. Its inode alone would not tell, since a new file often gets that of one just
    removed. What is deleted for good is deleted there, where nobody else can put anything in its place. Of a directory
    that goes the moment between look and ``rmdir`` remains: an empty directory that somebody puts in its place just
    then would go instead.
    """

    def __init__(
        self, site: Site, quarantine: Quarantine, directories: Mapping[str, Before], steps: Sequence[PlanStep]
    ) -> None:
        self._calls: Calls = site.calls
        self._ways: Ways = site.ways
        self._quarantine = quarantine
        self._records = NewRecords(site.calls, quarantine)
        self._directories = directories
        self._last = ""
        self._way: Optional[Way] = None
        self._mirror: Optional[Way] = None
        self._watched = False
        self._quiet: Optional[Callable[[], bool]] = None  # whether nobody else did anything in the directory
        self._place = 0
        # Taking one name of a file changes the time of change that its other names have too.
        self._names: dict[Key, list[PlanStep]] = {}
        self._odd: set[int] = set()  # steps that are not a rename and nothing else
        for step in steps:
            seen = step[4]
            if step[2] is not Act.QUARANTINE or seen[0] not in _PLAIN or seen[9] != 1 or seen[11] is not None:
                self._odd.add(step[0])
                if seen.links > 1 and seen.kind != DIR:
                    self._names.setdefault(seen_key(seen), []).append(step)
        self._left: dict[Key, Optional[int]] = {}
        self._copied: set[Key] = set()

    def take(self, steps: Sequence[PlanStep], stopping: Callable[[], bool]) -> list[Became]:
        """Take the first of some steps in one directory, and those after it that are as quickly done.

        ``stopping`` is asked before each but the first. Raises only what a journal or a killed process does.
        """
        became: list[Became] = []
        step = steps[0]
        directory, _, name = step.path.rpartition("/")
        try:
            way = self._enter(directory or "/")
            if step.seen.kind == DIR:
                return [self._directory(step, name, way)]
            if step.act is Act.RESTORE:
                return [self._restore(step, name, way)]
            if step.number in self._odd:
                return [self._file(step, name, way)]
            self._plain(steps, way, became, stopping)
        except Moved as error:
            became.append(Became(Did.SKIPPED, False, f"its directory was {SINCE}: {error.strerror}"))
        except FileNotFoundError:
            became.append(Became(Did.SKIPPED, False, f"{SINCE}: it is gone"))
        except OSError as error:
            became.append(Became(Did.FAILED, False, told(error)))
        if self._quiet is None or not self._quiet():
            for at, step in enumerate(steps[: len(became)]):
                if became[at] is MOVED and self._way is not None:
                    became[at] = self._checked(step, split(step.path)[1], self._way, self._kept())
        return became

    def leave(self) -> None:
        """Note when the directory of the last steps was changed last, by them or by others meanwhile; let go of it."""
        before = self._directories.get(self._last or "/")
        if before is not None and self._way is not None:
            with contextlib.suppress(OSError):
                before.left_ns = self._calls.look(".", self._way.handle).st_mtime_ns
        self._way = None

    def again(self, step: PlanStep, deleted: bool) -> None:
        """Know of a file with several names that one was taken before: by an earlier run, which was cut off."""
        key = seen_key(step.seen)
        if key not in self._names:
            return
        try:
            directory, name = split(step.path)
            mirror = self._quarantine.at(self._place_of(directory), directory)
            kept = self._calls.look(name, mirror.handle)
            self._left[key] = kept.st_ctime_ns if kept.st_ino == step.seen.inode else None
            if kept.st_ino != step.seen.inode:
                self._copied.add(key)
        except OSError:
            if deleted:
                self._left[key] = None

    def uncopy(self, step: PlanStep, there: Optional[Status], kept: Status) -> Became:
        """Finish a move that left the thing in both places, whole in both. Raises OSError."""
        directory, name = split(step.path)
        way = self._enter(directory)
        copied = there is not None and there.st_ino != kept.st_ino
        reason = self._differs(step, name, way) if copied else None
        if reason is not None:
            self._calls.unlink(name, self._kept().handle)
            return Became(Did.SKIPPED, False, f"{SINCE}: {reason}")
        self._calls.unlink(name, way.handle)
        return Became(Did.MOVED, True)

    def delete_kept(self, step: PlanStep) -> Became:
        """Finish a deletion of what lies in quarantine already. Raises OSError."""
        directory, name = split(step.path)
        self._enter(directory)
        return self._delete(name, self._kept())

    def put_right(self, step: PlanStep, kept: Status) -> Became:
        """Finish a record whose old content lies in quarantine already. Raises OSError."""
        directory, name = split(step.path)
        way = self._enter(directory)
        self._records.write(step, way, kept, self._calls.attributes(name, self._kept().handle))
        return self._records.place(step, name, way, self._kept())

    def _place_of(self, directory: str) -> int:
        before = self._directories.get(directory)
        return 0 if before is None else before.place

    def _enter(self, directory: str) -> Way:
        if directory != self._last or self._way is None:
            self._way = self._mirror = self._quiet = None
            self._watched = False
            self._way = self._ways.at(directory)
            self._last = directory
            self._place = self._place_of(directory)
        return self._way

    def _kept(self) -> Way:
        """The directory in quarantine for what is in the current one."""
        if self._mirror is None:
            self._mirror = self._quarantine.at(self._place, self._last)
        return self._mirror

    def _differs(self, step: PlanStep, name: str, way: Way) -> Optional[str]:
        """Look at a thing right before it is taken: in what it is not what was planned."""
        seen, calls = step.seen, self._calls
        found = calls.look(name, way.handle)
        ctime: Optional[int] = seen.ctime_ns
        if seen.links > 1:
            ctime = self._left.get(seen_key(seen), ctime)
        reason = changed(seen, found, ctime)
        if reason is None and seen.kind == LINK and calls.read_link(name, way.handle) != seen.target:
            reason = "the link leads elsewhere"
        if reason is None and seen.digest is not None and seen.kind == FILE:
            if calls.digest(name, way.handle) != seen.digest:
                reason = "its content is another"
            else:
                reason = changed(seen, calls.look(name, way.handle), ctime)
        if reason is None and not self._ways.sure(way):
            raise Moved(errno.ENOTDIR, "it was moved, or another one stands in its place", step.path)
        return reason

    def _plain(
        self, steps: Sequence[PlanStep], way: Way, became: list[Became], stopping: Callable[[], bool]
    ) -> None:  # fmt: skip
        """Take steps as ``_file`` does, up to an odd one. Raises OSError of the one that has no result yet."""
        look, rename, sure, odd = self._calls.look, self._calls.rename, self._ways.sure, self._odd
        at = steps[0][1].rindex("/") + 1
        here = way.handle
        if not self._watched:
            self._watched = True
            with contextlib.suppress(OSError):
                self._quiet = self._calls.watched(here)
        for step in steps:
            if became and (step[0] in odd or stopping()):
                return
            name, seen = step[1][at:], step[4]
            reason = changed(seen, look(name, here), seen[8])
            if reason is not None:
                became.append(Became(Did.SKIPPED, False, f"{SINCE}: {reason}"))
                continue
            if not sure(way):
                raise Moved(errno.ENOTDIR, "it was moved, or another one stands in its place", step.path)
            mirror = self._mirror or self._kept()
            try:
                rename(name, here, name, mirror.handle)
            except OSError as error:
                became.append(self._unmoved(error, step, name, way, mirror))
                return
            became.append(MOVED)

    def _file(self, step: PlanStep, name: str, way: Way) -> Became:
        reason = self._differs(step, name, way)
        if reason is not None:
            return Became(Did.SKIPPED, False, f"{SINCE}: {reason}")
        mirror = self._mirror or self._kept()
        if self._copied and seen_key(step.seen) in self._copied:  # a name of a file that is a copy in quarantine
            return self._across(step, name, way, mirror)
        try:
            self._calls.rename(name, way.handle, name, mirror.handle)
        except OSError as error:
            return self._unmoved(error, step, name, way, mirror)
        became = self._checked(step, name, way, mirror)
        return self._delete(name, mirror) if became is MOVED and step.act is Act.DELETE else became

    def _unmoved(self, error: OSError, step: PlanStep, name: str, way: Way, mirror: Way) -> Became:
        """A rename failed: copied where that is because quarantine is on another file system. Raises OSError."""
        if error.errno == errno.EEXIST:
            return Became(Did.FAILED, False, "quarantine has something under its name already")
        if error.errno != errno.EXDEV:
            raise error
        return self._across(step, name, way, mirror)

    def _checked(self, step: PlanStep, name: str, way: Way, mirror: Way) -> Became:
        """What was moved, looked at where nobody else can reach it; ``MOVED`` where it is what was planned."""
        seen = step[4]
        try:
            found = self._calls.look(name, mirror.handle)
        except OSError as error:
            return Became(Did.MOVED, True, f"it could not be looked at in quarantine: {told(error)}")
        reason = changed(seen, found, None)
        if reason is None:
            if seen[9] > 1:
                self._left[key_of(found)] = found.st_ctime_ns
            return MOVED
        try:
            self._calls.rename(name, mirror.handle, name, way.handle)
        except OSError as error:
            return Became(
                Did.FAILED, True, f"{SINCE}: {reason}; it lies in quarantine, it could not be put back: {told(error)}"
            )
        return Became(Did.SKIPPED, False, f"{SINCE}: {reason}")

    def _delete(self, name: str, mirror: Way) -> Became:
        try:
            self._calls.unlink(name, mirror.handle)
        except OSError as error:
            return Became(Did.FAILED, True, f"it lies in quarantine, it could not be deleted: {told(error)}")
        return Became(Did.DELETED, False)

    def _across(self, step: PlanStep, name: str, way: Way, mirror: Way) -> Became:
        """Quarantine is on another file system: copy, compare, then remove. A deletion needs no copy."""
        calls, seen = self._calls, step.seen
        wrong = None if step.act is Act.DELETE else self._copy(step, name, way, mirror)
        if wrong is not None:
            return wrong
        did, reason = Did.SKIPPED, None
        try:
            reason = self._differs(step, name, way)
            if reason is None:
                calls.unlink(name, way.handle)
            else:
                reason = f"{SINCE}: {reason}"
        except Moved as error:
            reason = f"its directory was {SINCE}: {error.strerror}"
        except FileNotFoundError:
            reason = f"{SINCE}: it is gone"
        except OSError as error:
            did, reason = Did.FAILED, told(error)
        if reason is not None:
            if step.act is Act.DELETE or dropped(self._calls, name, mirror):
                return Became(did, False, reason)
            return Became(did, True, f"{reason}; a copy of it is left in quarantine")
        if seen.links > 1:
            self._left[seen_key(seen)] = None
            if step.act is not Act.DELETE:
                self._copied.add(seen_key(seen))
        return Became(Did.DELETED, False) if step.act is Act.DELETE else Became(Did.MOVED, True)

    def _copy(self, step: PlanStep, name: str, way: Way, mirror: Way) -> Optional[Became]:
        """A whole copy in quarantine; None where there is one."""
        calls, seen = self._calls, step.seen
        if seen.links > 1:
            names = self._names[seen_key(seen)]
            if len(names) < seen.links:
                return Became(Did.FAILED, False, _PARTED)
            kept = False
            for other in self._kept_names(step):
                kept = True
                if self._link_kept(other, step, name, mirror):
                    return None
            if not kept and names[0].number < step.number:
                return Became(Did.FAILED, False, _PARTED)
        partial, part = self._quarantine.partial(self._place), self._quarantine.partial_name(step.number)
        try:
            calls.copy(name, way.handle, part, partial)
            if not is_kept(seen, calls.look(part, partial)):
                raise NotTheSame(errno.EIO, "the copy is not what was planned", name)
            calls.rename(part, partial, name, mirror.handle)
        except OSError as error:
            with contextlib.suppress(OSError):  # it is removed when the cleanup ends, or is recovered
                calls.unlink(part, partial)
            if error.errno == errno.EEXIST:
                return Became(Did.FAILED, False, "quarantine has something under its name already")
            return Became(Did.FAILED, False, f"it could not be copied to quarantine: {told(error)}")
        return None

    def _kept_names(self, step: PlanStep) -> Iterator[PlanStep]:
        """The steps before this one that took another name of the same file, so that it lies in quarantine."""
        for other in self._names[seen_key(step.seen)]:
            if other.number >= step.number:
                break
            directory, name = split(other.path)
            try:
                found = self._quarantine.look(name, self._place_of(directory), directory)
            except OSError:
                continue
            if is_kept(other.seen, found):
                yield other

    def _link_kept(self, other: PlanStep, step: PlanStep, name: str, mirror: Way) -> bool:
        """Give the copy of another name of the same file this name too."""
        directory, known = split(other.path)
        try:
            kept = self._quarantine.at(self._place_of(directory), directory)
            self._calls.link(known, kept.handle, name, mirror.handle)
            found = self._calls.look(name, mirror.handle)
        except OSError:
            return False
        if key_of(found) == seen_key(step.seen):  # the same file after all, by another mount
            self._left[key_of(found)] = found.st_ctime_ns
        return True

    def _directory(self, step: PlanStep, name: str, way: Way) -> Became:
        calls = self._calls
        if step.path not in self._directories:
            return Became(Did.SKIPPED, False, f"{SINCE}: it could not be looked at")
        reason = changed(step.seen, calls.look(name, way.handle), None)
        if reason is not None:
            return Became(Did.SKIPPED, False, f"{SINCE}: {reason}")
        if not self._ways.still(way):
            raise Moved(errno.ENOTDIR, "it was moved, or another one stands in its place", step.path)
        self._ways.forget(step.path)
        try:
            calls.rmdir(name, way.handle)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                return Became(Did.SKIPPED, False, "it is not empty")
            raise
        return Became(Did.DELETED, False) if step.act is Act.DELETE else Became(Did.MOVED, True)

    def _restore(self, step: PlanStep, name: str, way: Way) -> Became:
        """Put an agent's record right: the old one is kept, the new one has its owner, mode and attributes."""
        calls, records = self._calls, self._records
        reason = self._differs(step, name, way)
        if reason is not None:
            return Became(Did.SKIPPED, False, f"{SINCE}: {reason}")
        try:
            records.write(step, way, calls.look(name, way.handle), calls.attributes(name, way.handle))
            became = self._file(step._replace(act=Act.QUARANTINE), name, way)
        except OSError:
            records.forget(step, way)
            raise
        if became.did is not Did.MOVED:
            records.forget(step, way)
            return became
        return records.place(step, name, way, self._kept())
