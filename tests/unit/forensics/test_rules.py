"""The rules that turn evidence into a mark."""

from __future__ import annotations

import itertools

import pytest

from tui.forensics.evidence.revisions import Verdict
from tui.forensics.marks import Confidence, Mark
from tui.forensics.rules import Signals, decide

ORPHANED, SCRIPT, OTHER = Mark.ORPHANED, Mark.SCRIPT_CREATED, Mark.UNATTRIBUTED
CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        (Signals(False, Verdict.SAME_FILE), (ORPHANED, CERTAIN)),
        (Signals(False, Verdict.SAME_FILE, makes=True, in_time=True), (ORPHANED, CERTAIN)),
        (Signals(False, Verdict.SAME_FILE, before=True), (ORPHANED, LIKELY)),
        (Signals(False, makes=True, then=True, in_time=True), (SCRIPT, CERTAIN)),
        (Signals(False, makes=True, in_time=True), (SCRIPT, LIKELY)),
        (Signals(False, cut_off=True), (ORPHANED, LIKELY)),
        (Signals(False, Verdict.SAME_CONTENT), (ORPHANED, LIKELY)),
        (Signals(False, Verdict.SAME_CONTENT, before=True), (ORPHANED, POSSIBLE)),
        (Signals(False, Verdict.SAME_CONTENT, makes=True), (SCRIPT, POSSIBLE)),
        (Signals(True, Verdict.DIRECTORY), (ORPHANED, LIKELY)),
        (Signals(True, Verdict.DIRECTORY, makes=True), (ORPHANED, POSSIBLE)),
        (Signals(False, makes=True), (SCRIPT, LIKELY)),
        (Signals(False, planned=True, interrupted=True), (ORPHANED, LIKELY)),
        (Signals(False, in_time=True), (SCRIPT, LIKELY)),
        (Signals(True, in_time=True), (SCRIPT, POSSIBLE)),
        (Signals(False, near_time=True), (SCRIPT, POSSIBLE)),
        (Signals(False, Verdict.DIFFERENT), (OTHER, POSSIBLE)),
        (Signals(False, names=True), (OTHER, POSSIBLE)),
        (Signals(False, Verdict.SAME_FILE, package=True), (ORPHANED, CERTAIN)),
        (Signals(False, package=True), (OTHER, LIKELY)),
        (Signals(False, package=True, makes=True, in_time=True), (OTHER, POSSIBLE)),
        (Signals(True, Verdict.DIRECTORY, before=True), (OTHER, POSSIBLE)),
        (Signals(False, before=True), (OTHER, LIKELY)),
        (Signals(False, before=True, makes=True), (SCRIPT, POSSIBLE)),
        (Signals(False, edits=True, in_time=True), (OTHER, POSSIBLE)),
        (Signals(False, Verdict.DIFFERENT, edits=True, in_time=True), (ORPHANED, POSSIBLE)),
        (Signals(False, may_make=True, in_time=True), (SCRIPT, LIKELY)),
        (Signals(False, may_make=True), (SCRIPT, POSSIBLE)),
        (Signals(True, Verdict.ANCESTOR, may_make=True), (ORPHANED, POSSIBLE)),
        (Signals(False, said_made=True), (SCRIPT, LIKELY)),
        (Signals(False, said=True), (OTHER, POSSIBLE)),
        (Signals(False, in_time=True, looks_running=True), (SCRIPT, POSSIBLE)),
        (Signals(False, in_time=True, held=True), (OTHER, POSSIBLE)),
        (Signals(False, in_time=True, held=True, names=True), (SCRIPT, LIKELY)),
        (Signals(False, near_time=True, looks_running=True), (OTHER, LIKELY)),
        (Signals(False, near_time=True, held=True), (OTHER, LIKELY)),
        (Signals(True, installing=True), (ORPHANED, POSSIBLE)),
        (Signals(True, near_time=True, installing=True), (ORPHANED, POSSIBLE)),
        (Signals(False, named_after=True), (SCRIPT, POSSIBLE)),
        (Signals(False), (OTHER, LIKELY)),
    ],
)
def test_each_rule(signals: Signals, expected: tuple) -> None:
    assert decide(signals) == expected


def test_nothing_is_ever_called_deployed_without_a_cleanup_file() -> None:
    names = [name for name in Signals._fields if name != "claim"]
    for chosen in itertools.chain.from_iterable(itertools.combinations(names, n) for n in (0, 1, 2, 3, 17, 18)):
        for claim in (None, *Verdict):
            flags = {name: name in chosen for name in names}
            assert decide(Signals(claim=claim, **flags))[0] != Mark.DEPLOYED
