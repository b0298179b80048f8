"""The rules that turn evidence into a mark and its confidence, all in one place.

Deployed paths need none: a current cleanup file lists them, and that is certain. For all others the
first rule that fits decides; every piece of evidence is shown, also what speaks for something else.

*Certain* is what two independent things say, or content and time together. *Likely* is what one
record or one script's text says, or a time that nothing else explains. *Possible* is a single weak
sign, or signs that speak against one another.
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
    makes: bool = False  # a script's text makes or writes this very path
    then: bool = False  # … one of the event in which it was last written or made
    may_make: bool = False  # … or one of a pattern or a directory's contents that fits it
    edits: bool = False  # a script's text writes to files that are there, and this one fits
    names: bool = False  # a script's text names it
    said_made: bool = False  # a script's output says that it made it
    said: bool = False  # a script's output names it
    in_time: bool = False  # written or made surely while a script ran
    near_time: bool = False  # … or just after a script's last output
    installing: bool = False  # made, or as a directory or link last changed, while an Install event ran
    named_after: bool = False  # its name holds a lifecycle event's or a deployment's
    package: bool = False  # a distribution package owns it
    before: bool = False  # it is older than the group's first deployment, by a time that cannot be set
    looks_running: bool = False  # it looks like the running app's own
    held: bool = False  # a process holds it open for writing


Verdicts = tuple[Mark, Confidence]
_SCRIPT, _ORPHAN, _NOBODY = Mark.SCRIPT_CREATED, Mark.ORPHANED, Mark.UNATTRIBUTED
_CERTAIN, _LIKELY, _POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE


def decide(s: Signals) -> Verdicts:
    """The mark of a path that is not listed, and how sure it is."""
    for rule in (_by_content, _by_record, _by_text, _by_time):
        found = rule(s)
        if found is not None:
            return found
    if s.named_after:
        return _SCRIPT, _POSSIBLE
    if s.claim is not None or s.planned or s.names or s.said:
        return _NOBODY, _POSSIBLE
    return _NOBODY, _LIKELY


def _by_content(s: Signals) -> Optional[Verdicts]:
    """What a revision's own file says; a package's file is nobody else's."""
    if s.claim == Verdict.SAME_FILE:
        return _ORPHAN, _LIKELY if s.before else _CERTAIN
    if s.package:
        return _NOBODY, _POSSIBLE if s.makes or s.in_time or s.planned else _LIKELY
    if s.makes and s.then and s.in_time and not s.is_directory:
        return _SCRIPT, _CERTAIN
    if s.cut_off:
        return _ORPHAN, _LIKELY
    if s.claim == Verdict.SAME_CONTENT:
        return (_SCRIPT, _POSSIBLE) if s.makes else (_ORPHAN, _POSSIBLE if s.before else _LIKELY)
    return None


def _by_record(s: Signals) -> Optional[Verdicts]:
    """A directory of a revision, a script's own words, an Install event that was cut short."""
    if s.claim == Verdict.DIRECTORY:
        if s.before:
            return _NOBODY, _POSSIBLE
        return _ORPHAN, _POSSIBLE if s.makes else _LIKELY
    if s.makes:
        return _SCRIPT, _POSSIBLE if s.before else _LIKELY
    if s.interrupted:
        return _ORPHAN, _POSSIBLE if s.in_time or s.before else _LIKELY
    if s.before:
        return _NOBODY, _LIKELY
    return None


def _by_text(s: Signals) -> Optional[Verdicts]:
    """What scripts say less exactly, in their text or output."""
    if s.edits and s.in_time and not s.is_directory:
        # The script explains the last write, not who made the file.
        return (_ORPHAN if s.claim is not None else _NOBODY), _POSSIBLE
    if s.said_made:
        return _SCRIPT, _LIKELY
    if s.may_make and not (s.is_directory and s.claim == Verdict.ANCESTOR):
        return _SCRIPT, _LIKELY if s.in_time and not s.is_directory else _POSSIBLE
    return None


def _by_time(s: Signals) -> Optional[Verdicts]:
    """When it was made or last written."""
    if s.in_time:
        if s.held and not (s.names or s.said or s.named_after):
            return _NOBODY, _POSSIBLE
        return _SCRIPT, _POSSIBLE if s.is_directory or s.looks_running else _LIKELY
    if s.is_directory and (s.planned or s.claim == Verdict.ANCESTOR):
        return _ORPHAN, _POSSIBLE
    if s.installing:
        return _ORPHAN, _POSSIBLE
    if s.near_time and not (s.held or s.looks_running):
        return _SCRIPT, _POSSIBLE
    return None
