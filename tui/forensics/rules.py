"""The rules that turn evidence into a mark and its confidence, all in one place.

Deployed paths need none: a current cleanup file lists them, and that is certain. For all others the
first rule that fits decides; every piece of evidence is shown, also what speaks for something else.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

from tui.forensics.evidence.revisions import Verdict
from tui.forensics.marks import Confidence, Mark


class Signals(NamedTuple):
    """What is known of a path that no cleanup file lists."""

    is_directory: bool
    claim: Optional[Verdict] = None  # the strongest word of a revision left on the instance
    cut_off: bool = False  # the last, unterminated line of a cleanup file
    planned: bool = False  # install.json plans it
    interrupted: bool = False  # … and the Install event that it plans did not get to list it
    makes: bool = False  # a script's text makes or writes it
    names: bool = False  # a script's text names it
    in_time: bool = False  # written or made surely while a script ran
    near_time: bool = False  # … or just after a script's last output


Verdicts = tuple[Mark, Confidence]


def decide(s: Signals) -> Verdicts:
    """The mark of a path that is not listed, and how sure it is."""
    if s.claim == Verdict.SAME_FILE:
        return Mark.ORPHANED, Confidence.CERTAIN
    if s.makes and s.in_time and not s.is_directory:
        return Mark.SCRIPT_CREATED, Confidence.CERTAIN
    if s.cut_off:
        return Mark.ORPHANED, Confidence.LIKELY
    if s.claim == Verdict.SAME_CONTENT:
        return (Mark.SCRIPT_CREATED, Confidence.POSSIBLE) if s.makes else (Mark.ORPHANED, Confidence.LIKELY)
    if s.claim == Verdict.DIRECTORY:
        return Mark.ORPHANED, Confidence.POSSIBLE if s.makes else Confidence.LIKELY
    if s.makes:
        return Mark.SCRIPT_CREATED, Confidence.LIKELY
    if s.interrupted:
        return Mark.ORPHANED, Confidence.POSSIBLE if s.in_time else Confidence.LIKELY
    if s.in_time:
        return Mark.SCRIPT_CREATED, Confidence.POSSIBLE if s.is_directory else Confidence.LIKELY
    if s.is_directory and (s.planned or s.claim == Verdict.ANCESTOR):
        return Mark.ORPHANED, Confidence.POSSIBLE
    if s.near_time:
        return Mark.SCRIPT_CREATED, Confidence.POSSIBLE
    if s.claim is not None or s.planned or s.names:
        return Mark.UNATTRIBUTED, Confidence.POSSIBLE
    return Mark.UNATTRIBUTED, Confidence.LIKELY
