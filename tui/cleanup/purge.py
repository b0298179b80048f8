"""Freeing quarantine for good: deliberately, one cleanup by its id or all of some age, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional, Union

from tui.cleanup.calls import Calls, Handle
from tui.cleanup.identity import kind_of
from tui.cleanup.journal import Loaded, Outcome
from tui.cleanup.protected import QUARANTINE
from tui.cleanup.quarantine import Quarantine
from tui.cleanup.records import Did, Entry, State
from tui.cleanup.session import TOLD_EVERY, UNFINISHED, CleanProgress, Session, Terms, opened_session
from tui.cleanup.state_dir import CleanupError, Site, below, told
from tui.cleanup.ways import Ways
from tui.disk.inventory import DIR, FILE
from tui.paths import child_path, showable, split

_CUT_OFF = "its purge was cut off: it may still lie in quarantine"


class Purged:
    """What a purge freed: ids, bytes of files, and the cleanups of which something is left, with the reason."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.bytes = 0
        self.removed = 0
        self.left: list[tuple[str, str]] = []


def purge(
    site: Site, terms: Terms, *, keys: Sequence[str] = (), older_than: Optional[float] = None
) -> Iterator[Union[CleanProgress, Purged]]:
    """Free the quarantine of these cleanups, and of those that ended more than so many seconds ago.

    What was freed cannot be put back, and the journal says so: before it is, that it may be. Yields progress and the
    Purged last. Where it is cut off, what is left can still be put back or purged. Raises CleanupError: an id that is
    not in the journal, or of a cleanup that was cut off, is refused before anything is freed.
    """
    with opened_session(site, make=False) as session:
        entries = _chosen(session, keys, older_than, terms.now())
        purged = Purged()
        for entry in entries:
            if terms.stop():
                break
            yield from _one(session, entry, terms, purged)
        yield purged


def _chosen(session: Session, keys: Sequence[str], older_than: Optional[float], now: float) -> list[Entry]:
    entries = {entry.id: entry for entry in session.journal.entries()}
    wanted = dict.fromkeys(keys)
    for key in wanted:
        entry = entries.get(key)
        if entry is None:
            raise CleanupError(f"{showable(key)}: there is no such cleanup in the journal; nothing was freed")
        if entry.state in UNFINISHED:
            raise CleanupError(f"{key}: was cut off; finish it or roll it back first; nothing was freed")
    for entry in entries.values():
        old = older_than is not None and entry.ended is not None and now - entry.ended > older_than
        if old and entry.state not in UNFINISHED and entry.state is not State.PURGED:
            wanted.setdefault(entry.id)
    return [entries[key] for key in wanted]


def _one(session: Session, entry: Entry, terms: Terms, purged: Purged) -> Iterator[CleanProgress]:
    loaded = session.journal.load(entry.id)
    # Ranges as the journal has them may be cut by later ones: only what still holds is said.
    held = [
        outcome._replace(first=at, last=at) for at, outcome in enumerate(loaded.outcomes) if outcome and outcome.held
    ]
    quarantine = Quarantine(session.site, session.state, entry.id, loaded.places, make=False)
    wrong = None
    try:
        _write(session, entry, terms, [Outcome(one.first, one.last, Did.PURGED, True, _CUT_OFF) for one in held])
        try:
            for number in loaded.places:
                yield from _free_place(session, quarantine, number, entry.id, terms, purged, len(held))
        except OSError as error:
            wrong = told(error)
        if terms.stop():
            wrong = "stopped by the operator"
        if wrong is None:
            freed = [Outcome(one.first, one.last, Did.PURGED, False) for one in held]
            _write(session, entry, terms, freed, State.PURGED)
            purged.ids.append(entry.id)
        else:
            _write(session, entry, terms, [_now(quarantine, loaded, one) for one in held])
            purged.left.append((entry.id, wrong))
    finally:
        quarantine.close()


def _write(
    session: Session, entry: Entry, terms: Terms, outcomes: Sequence[Outcome], state: Optional[State] = None
) -> None:  # fmt: skip
    if outcomes:
        session.journal.record(entry.id, merged(outcomes), terms.now(), state=state)


def _now(quarantine: Quarantine, loaded: Loaded, outcome: Outcome) -> Outcome:
    """What holds of a step after a purge that did not come to its end. Of a directory the journal has all there is."""
    step = loaded.plan.steps[outcome.first - 1]
    if step.seen.kind == DIR:
        return outcome
    directory, name = split(step.path)
    before = loaded.directories.get(directory)
    try:
        quarantine.look(name, 0 if before is None else before.place, directory)
    except FileNotFoundError:
        return Outcome(outcome.first, outcome.last, Did.PURGED, False)
    except OSError:
        return outcome._replace(did=Did.PURGED, reason=_CUT_OFF)
    return outcome


def _free_place(
    session: Session, quarantine: Quarantine, number: int, key: str, terms: Terms, purged: Purged, total: int
) -> Iterator[CleanProgress]:
    calls = session.site.calls
    try:
        every = below(calls, QUARANTINE, quarantine.state(number), make=False)
    except FileNotFoundError:
        return
    if every is not None:
        try:
            yield from _free(calls, every, key, terms, purged, total)
        finally:
            calls.close(every)


def _free(calls: Calls, every: Handle, key: str, terms: Terms, purged: Purged, total: int) -> Iterator[CleanProgress]:
    """Remove one directory in quarantine with all in it, by descriptor, through no link. Raises OSError."""
    try:
        top = calls.open_dir(key, every)
    except FileNotFoundError:
        return
    ways = Ways(calls, {"": top})
    told_at = terms.clock()
    try:
        ahead = [("/", False)]
        while ahead:
            path, emptied = ahead.pop()
            if emptied:
                ways.forget(path)
                above, name = split(path)
                calls.rmdir(name, ways.at(above).handle)
                continue
            if path != "/":
                ahead.append((path, True))
            here = ways.at(path).handle
            for name in calls.names(here):
                found = calls.look(name, here)
                if kind_of(found) == DIR:
                    ahead.append((child_path(path, name), False))
                    continue
                calls.unlink(name, here)
                purged.removed += 1
                purged.bytes += found.st_size if kind_of(found) == FILE and found.st_nlink <= 1 else 0
                if terms.clock() - told_at >= TOLD_EVERY:
                    told_at = terms.clock()
                    yield CleanProgress("freeing", purged.removed, total, purged.bytes, key)
            if terms.stop():
                return
    finally:
        ways.close()
        calls.close(top)
    calls.rmdir(key, every)


def merged(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Neighbours that say the same as one."""
    found: list[Outcome] = []
    for outcome in outcomes:
        last = found[-1] if found else None
        if last is not None and last.last + 1 == outcome.first and last[2:] == outcome[2:]:
            found[-1] = last._replace(last=outcome.last)
        else:
            found.append(outcome)
    return found
