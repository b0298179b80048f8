"""What the journal tells, read without changing anything: cleanups, what became of their steps, what nobody lists."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Optional

from tui.cleanup.journal import Journal, JournalError
from tui.cleanup.protected import IDS, QUARANTINE
from tui.cleanup.records import Did, Entry, StepResult
from tui.cleanup.state_dir import CleanupError, Site, below, open_state, told


def entries(site: Site) -> list[Entry]:
    """The cleanups, the last one first; none where there is no state directory. Raises CleanupError."""
    with _opened(site) as journal:
        return [] if journal is None else list(journal.entries())[::-1]


def steps_of(site: Site, key: str) -> list[StepResult]:
    """What the journal knows of each step of a cleanup. Raises CleanupError."""
    with _opened(site) as journal:
        if journal is None:
            raise CleanupError(f"{site.shown}: there is no journal: no cleanup was carried out here")
        loaded = journal.load(key)
    results = []
    for step in loaded.plan.steps:
        outcome = loaded.outcomes[step.number]
        _, _, did, held, reason = (0, 0, Did.PENDING, False, "") if outcome is None else outcome
        results.append(StepResult(step.number, step.path, did, reason, held))
    return results


def kept_ids(site: Site) -> list[str]:
    """The cleanups that have a directory in the usual quarantine, whatever the journal says. Raises CleanupError."""
    state = open_state(site, make=False)
    if state is None:
        return []
    try:
        every = below(site.calls, QUARANTINE, state, make=False)
        if every is None:
            return []
        try:
            return sorted(name for name in site.calls.names(every) if IDS.match(name))
        finally:
            site.calls.close(every)
    except OSError as error:
        raise CleanupError(f"{site.shown}: quarantine cannot be listed: {told(error)}") from None
    finally:
        site.calls.close(state)


@contextmanager
def _opened(site: Site) -> Iterator[Optional[Journal]]:
    state = open_state(site, make=False)
    if state is None:
        yield None
        return
    try:
        with Journal(site.calls, state, site.shown, make=False) as journal:
            yield journal
    except FileNotFoundError:
        raise JournalError(f"{site.shown}: there is no journal") from None
    finally:
        site.calls.close(state)
