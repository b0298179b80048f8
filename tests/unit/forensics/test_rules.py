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
        (Signals(False, makes=True, in_time=True), (SCRIPT, CERTAIN)),
        (Signals(False, cut_off=True), (ORPHANED, LIKELY)),
        (Signals(False, Verdict.SAME_CONTENT), (ORPHANED, LIKELY)),
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
        (Signals(False), (OTHER, LIKELY)),
    ],
)
def test_each_rule(signals: Signals, expected: tuple) -> None:
    assert decide(signals) == expected


def test_nothing_is_ever_called_deployed_without_a_cleanup_file() -> None:
    flags = itertools.product([False, True], repeat=8)
    for is_directory, *rest in flags:
        for claim in (None, *Verdict):
            assert decide(Signals(is_directory, claim, *rest))[0] != Mark.DEPLOYED
