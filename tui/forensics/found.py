"""What evidence says of one path that no cleanup file lists, gathered before it is weighed."""

from __future__ import annotations

from typing import NamedTuple, Optional

from tui.agent.records import Instance
from tui.disk.inventory import DIR
from tui.forensics.clues import Clues
from tui.forensics.evidence.install_times import InstallWindow, install_evidence
from tui.forensics.evidence.left_times import Left, left_evidence
from tui.forensics.evidence.planned import Planned, dropped_evidence, plan_evidence
from tui.forensics.evidence.revisions import Claim, Verdict, claim_evidence
from tui.forensics.evidence.script_text import Certainty, Mention, Use, mention_evidence
from tui.forensics.evidence.script_times import Window, window_evidence
from tui.forensics.marks import Evidence, Mark
from tui.forensics.rules import Signals

MENTIONS_SHOWN = 4


class Found(NamedTuple):
    """What costs a look at the disk, or is in few records: kept for each path that it says something of."""

    claim: Optional[Claim] = None
    planned: Optional[Planned] = None
    cut_off: Optional[int] = None  # the group whose cleanup file's last line it is
    mentions: tuple[Mention, ...] = ()
    window: Optional[Window] = None
    sure: bool = False
    what: str = ""  # what happened in the window
    install: Optional[InstallWindow] = None
    install_what: str = ""
    left: Optional[Left] = None  # a file that a script left at about the same time


NOTHING = Found()


def signals(found: Found, clues: Clues, kind: int) -> Signals:
    """The evidence for a path of that type, as the rules take it."""
    # A directory that is made "where it is missing" is more often one that was there.
    sure = (Use.MAKES,) if kind == DIR else (Use.MAKES, Use.APPENDS)
    mentions = found.mentions
    exact = [m for m in mentions if m.certainty == Certainty.EXACT and m.use in sure] if mentions else []
    window = found.window if found.sure else None
    return Signals(
        is_directory=kind == DIR,
        claim=found.claim.verdict if found.claim is not None else None,
        cut_off=found.cut_off is not None,
        planned=found.planned is not None,
        interrupted=found.planned is not None and found.planned.interrupted,
        makes=bool(exact),
        then=window is not None and bool(exact) and any(mention.event == window.run.event for mention in exact),
        may_make=bool(mentions) and any(mention.use.makes for mention in mentions),
        edits=bool(mentions) and any(mention.use == Use.CHANGES for mention in mentions),
        names=bool(mentions),
        in_time=found.window is not None and found.sure,
        near_time=found.left is not None or (found.window is not None and not found.sure),
        installing=found.install is not None,
        named_after=clues.named is not None,
        said_made=clues.said_made,
        said=clues.said is not None,
        package=clues.packaged,
        before=clues.long_there,
        looks_running=clues.looks_running,
        held=clues.held,
    )


def origin(found: Found, clues: Clues, mark: Mark) -> tuple[Optional[int], Optional[str]]:
    """The group and deployment that the evidence for a mark points to."""
    if mark == Mark.ORPHANED:
        if found.claim is not None and found.claim.verdict != Verdict.DIFFERENT:
            return found.claim.group, found.claim.deployment.id
        if found.planned is not None:
            return found.planned.group, None
        if found.cut_off is None and found.install is not None:
            return found.install.group, found.install.deployment
        return found.cut_off, None
    if mark == Mark.SCRIPT_CREATED:
        if found.window is not None:
            return found.window.group, found.window.run.deployment_id
        for mention in found.mentions:
            if mention.use.makes:
                return mention.group, mention.deployment
        if found.left is not None:
            return found.left.mention.group, found.left.mention.deployment
        if clues.said is not None and clues.said.run is not None:
            return clues.said.group, clues.said.run.deployment_id
        if clues.named is not None:
            return clues.named.group, clues.named.deployment
    return None, None


def pieces(found: Found, clues: Clues, instance: Instance) -> tuple[Evidence, ...]:
    """The evidence as it is shown, the strongest of each kind first."""
    shown = []
    if found.cut_off is not None:
        shown.append(dropped_evidence(instance, found.cut_off))
    if found.planned is not None:
        shown.append(plan_evidence(instance, found.planned))
    if found.claim is not None:
        shown.append(claim_evidence(found.claim))
    shown += [mention_evidence(mention, instance.native) for mention in found.mentions[:MENTIONS_SHOWN]]
    if found.window is not None:
        shown.append(window_evidence(found.window, found.sure, found.what))
    if found.left is not None:
        shown.append(left_evidence(found.left, instance))
    if found.install is not None:
        shown.append(install_evidence(found.install, found.install_what))
    return (*shown, *clues.pieces())
