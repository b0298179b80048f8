"""Carrying a plan out: written down first, then step by step, every step looked at right before it is taken."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Optional, Union

from tui.cleanup.canonical import BadPieces, Run, check_steps, hash_of, pieces_of, runs_of
from tui.cleanup.journal import Became, Before
from tui.cleanup.prepare import Prepared, prepare
from tui.cleanup.quarantine import Quarantine
from tui.cleanup.records import Did, Entry, Plan, PlanStep, Result, State
from tui.cleanup.session import AT_ONCE, CleanProgress, Halted, Session, Tally, Terms, ask_guard, opened_session
from tui.cleanup.state_dir import Site
from tui.cleanup.take import Taking

DONE = (Did.MOVED, Did.DELETED, Did.RESTORED)
Event = Union[CleanProgress, Result]


def carry_out(
    site: Site, plan: Plan, terms: Terms, *, who: str, host: str, tool: str, reason: str = "", reviewed: str = ""
) -> Iterator[Event]:
    """Carry a plan out; yields progress about ten times a second and the Result last.

    The plan is durable in the journal before the first step, and what was done by the time the Result comes.
    ``reviewed``: the hash of the document that was reviewed, where there was one. A reason of ``terms.still_fine`` that
    is not gone on in spite of, or ``terms.stop``, ends it between two steps: the rest is skipped, with the reason.
    Where it is cut off in any other way, the generator closed or the process killed, ``tui.cleanup.recover`` finishes
    it or rolls it back. Raises CleanupError: Halted where nothing was begun; JournalError also later, and then as if it
    were cut off.
    """
    if not plan.steps:
        raise Halted("nothing is chosen, so nothing is done")
    try:
        runs = check_steps(plan.steps)
    except BadPieces as error:
        raise Halted(f"{error}; nothing was done") from None
    ask_guard(terms)
    with opened_session(site, make=True) as session:
        unfinished = session.unfinished()
        if unfinished is not None:
            raise Halted(f"cleanup {unfinished.id} was cut off; finish it or roll it back first: nothing was done")
        yield CleanProgress("looking", 0, len(plan.steps), 0, "")
        prepared = prepare(site, plan.steps, runs)
        if ask_guard(terms):
            prepared = prepare(site, plan.steps, runs)  # it may have taken long
        key = _new_id(session, terms.now())
        quarantine = Quarantine(site, session.state, key, prepared.places, make=True)
        try:
            said = "; ".join(filter(None, (reason, *session.forced(terms))))
            entry = Entry(
                key, State.PLANNED, terms.now(), None, who, host, tool, said, "", plan.chosen_by,
                len(plan.steps), 0, 0,
            )  # fmt: skip
            _begin(session, plan, prepared, entry, reviewed)
            taking = Taking(site, quarantine, prepared.directories, plan.steps)
            tally = Tally(session, key, "moving", plan.steps, terms)
            for number, (did, why) in prepared.refused.items():
                tally.add(plan.steps[number - 1], Became(did, False, why))
            yield from run(quarantine, taking, tally, plan.steps, prepared.directories, runs)
        finally:
            quarantine.close()


def run(
    quarantine: Quarantine, taking: Taking, tally: Tally, steps: Sequence[PlanStep], directories: Mapping[str, Before],
    runs: Sequence[Run],
) -> Iterator[Event]:  # fmt: skip
    """Take all steps that have no result in ``tally`` yet, in their order; see ``carry_out``. ``runs``: of all steps.

    Those that it has are written down first: what is not to be taken is not to be taken after a crash either.
    """
    ahead = steps
    left = list(dict.fromkeys(run.directory for run in runs))
    if tally.results:
        tally.write(State.RUNNING)
        ahead = [step for step in steps if step.number not in tally.results]
        runs = runs_of(ahead)
    try:
        stopped = yield from _each(taking, tally, ahead, runs)
    except GeneratorExit:
        tally.write()
        raise
    if stopped is not None:
        tally.rest(steps, Became(Did.SKIPPED, False, f"not come to: {stopped}"))
    yield _end(
        quarantine, tally, steps, [directories[path] for path in left if path in directories], stopped is not None
    )


def _each(
    taking: Taking, tally: Tally, steps: Sequence[PlanStep], runs: Sequence[Run]
) -> Generator[CleanProgress, None, Optional[str]]:
    """Take the steps, a few at a time; why it was stopped."""
    for directory, start, end in runs:
        while start < end:
            stopped = tally.why_stop(directory, taking.leave)
            if stopped is not None:
                return stopped
            some = steps[start : min(start + AT_ONCE, end)]
            became = taking.take(some, tally.stopping)
            tally.add_all(some, became)
            start += len(became)
            report = tally.progress()
            if report is not None:
                yield report
        taking.leave()
    return None


def _end(
    quarantine: Quarantine, tally: Tally, steps: Sequence[PlanStep], left: Sequence[Before], stopped: bool
) -> Result:
    """Make what was done durable, and write down the results and the times of the directories that lost an entry."""
    site = tally.session.site
    with contextlib.suppress(OSError):  # only what was never finished
        quarantine.clear_partial()
    for top in quarantine.tops():
        site.calls.sync(top)
    results = tally.told(steps)
    done = sum(result.did in DONE for result in results)
    state = State.STOPPED if stopped else State.DONE if done == len(results) else State.PARTLY
    tally.write(state, ended=True, done=done, directories=_timed(site, left))
    return Result(tally.key, state, results, tally.bytes)


def _timed(site: Site, left: Sequence[Before]) -> list[Before]:
    """Those directories that stay, with the times that they had when they were left, or have now."""
    found = []
    for before in left:
        if before.left_ns is None:
            try:
                before.left_ns = site.calls.look(".", site.ways.at(before.path).handle).st_mtime_ns
            except OSError:
                continue
        found.append(before)
    return found


def _begin(session: Session, plan: Plan, prepared: Prepared, entry: Entry, reviewed: str) -> None:
    pieces = list(pieces_of(plan))
    entry = Entry(**{**vars(entry), "plan_hash": hash_of(pieces)})
    session.journal.begin(entry, reviewed, pieces, prepared.places, prepared.directories.values())


def _new_id(session: Session, now: float) -> str:
    stem = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now)) + f"-{int(now % 1 * 0x1000000):06x}"
    known = set(session.journal.ids())
    key, number = stem, 1
    while key in known:
        number += 1
        key = f"{stem}-{number}"
    return key
