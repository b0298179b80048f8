"""The rules that turn evidence into a mark."""

from __future__ import annotations

import itertools

import pytest

from tui.forensics.evidence.revisions import Verdict
from tui.forensics.marks import Confidence, Mark
from tui.forensics.rules import Signals, decide

O, S, U = Mark.ORPHANED, Mark.SCRIPT_CREATED, Mark.UNATTRIBUTED
CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        (Signals(False, Verdict.SAME_FILE), (O, CERTAIN)),
        (Signals(False, Verdict.SAME_FILE, makes=True, in_time=True), (O, CERTAIN)),
        (Signals(False, makes=True, in_time=True), (S, CERTAIN)),
        (Signals(False, cut_off=True), (O, LIKELY)),
        (Signals(False, Verdict.SAME_CONTENT), (O, LIKELY)),
        (Signals(False, Verdict.SAME_CONTENT, makes=True), (S, POSSIBLE)),
        (Signals(True, Verdict.DIRECTORY), (O, LIKELY)),
        (Signals(True, Verdict.DIRECTORY, makes=True), (O, POSSIBLE)),
        (Signals(False, makes=True), (S, LIKELY)),
        (Signals(False, planned=True, interrupted=True), (O, LIKELY)),
        (Signals(False, in_time=True), (S, LIKELY)),
        (Signals(True, in_time=True), (S, POSSIBLE)),
        (Signals(False, near_time=True), (S, POSSIBLE)),
        (Signals(False, Verdict.DIFFERENT), (U, POSSIBLE)),
        (Signals(False, names=True), (U, POSSIBLE)),
        (Signals(False), (U, LIKELY)),
    ],
)
def test_each_rule(signals: Signals, expected: tuple) -> None:
    assert decide(signals) == expected


def test_nothing_is_ever_called_deployed_without_a_cleanup_file() -> None:
    flags = itertools.product([False, True], repeat=8)
    for is_directory, *rest in flags:
        for claim in (None, *Verdict):
            assert decide(Signals(is_directory, claim, *rest))[0] != Mark.DEPLOYED
