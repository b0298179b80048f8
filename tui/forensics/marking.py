"""Marking: from an Inventory and what the records say of it to an Examination, in columns."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Optional

from tui.agent.records import COPY
from tui.disk.compare import ABSENT_HERE, DIFFERENT, NO_SOURCE, OTHER_TYPE, SAME
from tui.disk.inventory import ABSENT, DIR, NO_ROW, Inventory
from tui.forensics.clues import ClueFinder
from tui.forensics.evidence.listed import GROUP_SHIFT, INDEX_MASK, NO_INSTRUCTION, Listed
from tui.forensics.evidence.revisions import Verdict
from tui.forensics.examination import NO_DEPLOYMENT, NO_GROUP, Examination
from tui.forensics.foretell import foretell
from tui.forensics.found import NOTHING, Found, origin, pieces, signals
from tui.forensics.gather import Gatherer
from tui.forensics.marker import NO_CLAIM, Marker
from tui.forensics.marks import Confidence, Evidence, Mark, State
from tui.forensics.rules import decide
from tui.forensics.targets import Targets

_STATE_OF = {
    SAME: State.INTACT,
    DIFFERENT: State.MODIFIED,
    OTHER_TYPE: State.REPLACED,
    NO_SOURCE: State.UNVERIFIED,
    ABSENT_HERE: State.MISSING,
}
# A path that the last Install planned and did not list compares with its revision, too.
_PLANNED_STATE = {
    Verdict.SAME_FILE: State.INTACT,
    Verdict.SAME_CONTENT: State.INTACT,
    Verdict.DIRECTORY: State.INTACT,
    Verdict.DIFFERENT: State.MODIFIED,
}
_COMPARED = {
    State.INTACT: "same type and content as its revision's {}",
    State.MODIFIED: "not the content or link target of its revision's {}",
    State.REPLACED: "another type of file than its revision's {}",
    State.UNVERIFIED: "its revision's {} cannot be compared: it is gone or cannot be read",
}


def mark(
    marker: Marker, inventory: Inventory, targets: Targets, whole: bool, clues: Optional[ClueFinder] = None
) -> Marked:
    """Mark what records list. ``whole``: the walk is done, so what is listed and not there is missing."""
    claims = marker.claims(inventory)
    if whole:
        absent = marker.absent(claims)
        if absent:
            inventory = inventory.with_absent(absent)
            claims = marker.claims(inventory)
    return Marked(marker, inventory, targets, claims, whole, clues)


def _hidden(inventory: Inventory) -> frozenset[int]:
    """Absent rows below a place that could not be looked into: they may well be there."""
    places = tuple(note.path.rstrip("/") + "/" for note in inventory.notes if note.code != "vanished")
    if not places:
        return frozenset()
    return frozenset(
        row for row, path in inventory.paths() if inventory.type[row] == ABSENT and path.startswith(places)
    )


def _reached(marker: Marker, inventory: Inventory) -> frozenset[int]:
    moved = {via.path for vias in marker.via.values() for via in vias if via.moved}
    if not moved:
        return frozenset()
    return frozenset(row for row, path in inventory.paths() if inventory.type[row] == ABSENT and path in moved)


class Marked:
    """An Examination in the making, with what its evidence is made from."""

    def __init__(
        self,
        marker: Marker,
        inventory: Inventory,
        targets: Targets,
        claims: array[int],
        whole: bool,
        clues: Optional[ClueFinder] = None,
    ) -> None:
        self.marker = marker
        self.inventory = inventory
        self.targets = targets
        self.claims = claims
        self.found: dict[int, Found] = {}
        self.gatherer = Gatherer(marker, inventory, clues)
        self.hidden = _hidden(inventory)
        self._above: tuple[int, str] = NO_ROW, ""  # the directory last asked for, and what paths in it begin with
        self._sources: dict[int, str] = {}  # of listed rows that no install plan names
        size = len(inventory)
        self.examination = Examination(
            instance=marker.instance,
            inventory=inventory,
            mark=bytearray([Mark.UNATTRIBUTED]) * size,
            state=bytearray(size),
            confidence=bytearray([Confidence.POSSIBLE]) * size,
            removed_next=bytearray(size),
            group=array("h", [NO_GROUP]) * size,
            deployment=array("h", [NO_DEPLOYMENT]) * size,
            deployments=marker.deployments,
            evidence_of=self.evidence,
            source_of=self.source,
            reached_through_link=_reached(marker, inventory) if whole else frozenset(),
            final=False,
        )
        self._apply_claims()
        if whole:
            trees = targets.request.trees
            self.examination.removed_next[:] = foretell(marker, inventory, claims, trees)

    def _apply_claims(self) -> None:
        e, types = self.examination, self.inventory.type
        mark, confidence, state, group, deployment = e.mark, e.confidence, e.state, e.group, e.deployment
        gone, installed_by = self.marker.gone, self.marker.installed_by
        for row, claim in enumerate(self.claims):
            if claim == NO_CLAIM:
                continue
            g = claim >> GROUP_SHIFT
            mark[row] = Mark.ORPHANED if g in gone else Mark.DEPLOYED
            confidence[row] = Confidence.CERTAIN
            group[row] = g
            deployment[row] = installed_by[g][claim & INDEX_MASK]
            if types[row] != ABSENT:
                state[row] = State.PENDING
            else:
                state[row] = State.UNVERIFIED if row in self.hidden else State.MISSING

    # -- the states of listed paths ----------------------------------------------------------

    def source(self, row: int) -> Optional[str]:
        """A listed row's file in its revision."""
        claim = self.claims[row]
        return None if claim == NO_CLAIM else self.marker.source(claim)

    def to_compare(self) -> array[int]:
        """Rows whose content decides; the states of all other listed rows are set here."""
        state, types = self.examination.state, self.inventory.type
        instructions = self.marker.listed.instruction
        plans = [group.plan for group in self.marker.instance.groups]
        rows = array("I")
        for row, claim in enumerate(self.claims):
            if claim == NO_CLAIM or types[row] == ABSENT:
                continue
            g = claim >> GROUP_SHIFT
            i, plan = instructions[g][claim & INDEX_MASK], plans[g]
            if i != NO_INSTRUCTION and plan is not None:
                if plan.kinds[i] == COPY:
                    rows.append(row)
                else:
                    state[row] = State.INTACT if types[row] == DIR else State.REPLACED
                continue
            source = self.marker.source(claim)
            if source is not None:
                self._sources[row] = source
                rows.append(row)
            else:
                state[row] = State.UNVERIFIED
        return rows

    def compare_source(self, row: int) -> str:
        """The revision's file to compare a row from ``to_compare`` with."""
        source = self._sources.get(row) or self.marker.listed.source(self.claims[row])
        assert source is not None
        return source

    def compared(self, rows: Sequence[int], start: int, results: bytes) -> None:
        """Take in the comparison of ``rows[start:start + len(results)]``."""
        state, types = self.examination.state, self.inventory.type
        for offset, code in enumerate(results):
            row = rows[start + offset]
            value = _STATE_OF.get(code, State.UNVERIFIED)
            if types[row] == DIR and value == State.UNVERIFIED and row not in self._sources:
                value = State.REPLACED if code != NO_SOURCE else value
            state[row] = value

    # -- everything else ----------------------------------------------------------------------

    def unlisted(self) -> array[int]:
        """The rows that no cleanup file lists."""
        return array("I", (row for row, claim in enumerate(self.claims) if claim == NO_CLAIM))

    def explain(self, rows: array[int]) -> None:
        """Gather the evidence for rows (ascending) that are not listed, and mark them by it."""
        for row, path in self.inventory.paths(rows):
            found = self.gatherer.found(row, path)
            if found is not None:
                self.found[row] = found
            self._apply(row, path, found)

    def _apply(self, row: int, path: str, found: Optional[Found]) -> None:
        e = self.examination
        clues = self.gatherer.clues(row, path)
        known = found or NOTHING
        mark, confidence = decide(signals(known, clues, self.inventory.type[row]))
        group, deployment = origin(known, clues, mark)
        if group is None:
            group = self.targets.owner(path)
        e.mark[row], e.confidence[row] = mark, confidence
        if mark == Mark.ORPHANED and known.planned is not None and known.claim is not None:
            e.state[row] = _PLANNED_STATE.get(known.claim.verdict, State.NONE)
        e.group[row] = NO_GROUP if group is None else group
        e.deployment[row] = self.marker.deployment_number(deployment)

    # -- evidence, when it is asked for ---------------------------------------------------------

    def evidence(self, row: int) -> tuple[Evidence, ...]:
        """All evidence for one row."""
        claim = self.claims[row]
        if claim != NO_CLAIM:
            return tuple(self._listed_evidence(row, claim))
        clues = self.gatherer.clues(row, self._path(row))
        shown = pieces(self.found.get(row, NOTHING), clues, self.marker.instance)
        if shown:
            return shown
        return (Evidence("none", "no record, no revision and no script's text names it, and no script ran then"),)

    def _path(self, row: int) -> str:
        """A row's path; cheap for rows of one directory one after the other."""
        parent, (known, above) = self.inventory.parent[row], self._above
        if parent == NO_ROW:
            return self.inventory.path(row)
        if parent != known:
            above = self.inventory.path(parent).rstrip("/") + "/"
            self._above = parent, above
        return above + self.inventory.name(row)

    def _listed_evidence(self, row: int, claim: int) -> list[Evidence]:
        marker = self.marker
        g, k = Listed.parts(claim)
        cleanup = marker.instance.groups[g].cleanup
        assert cleanup is not None
        shown = [marker.listed.evidence(claim)]
        shown += [marker.listed.evidence(other) for other in marker.listed.more.get(cleanup.paths[k], ())]
        if g in marker.gone:
            shown.append(Evidence("group-gone", f"the operator says that group {marker.instance.groups[g].id} is gone"))
        path = self._path(row)
        vias = marker.via.get(path, []) if path != cleanup.paths[k] else []
        for via in vias[:1]:
            native = marker.instance.native
            detail = f"it is listed as {native(via.path)}, which leads here through the link {native(via.link)}"
            shown.append(Evidence("via-link", detail))
        if self.inventory.type[row] == ABSENT:
            shown += self._absence(row, cleanup.paths[k])
            return shown
        source = marker.source(claim)
        state = State(self.examination.state[row])
        if source is not None and state in _COMPARED:
            detail = _COMPARED[state].format(marker.instance.native(source))
            shown.append(Evidence("content", detail, source.lstrip("/")))
        return [*shown, *self.gatherer.clues(row, path).others()]

    def _absence(self, row: int, path: str) -> list[Evidence]:
        if row in self.hidden:
            return [Evidence("not-looked-at", "it is listed, and its place could not be looked into")]
        for vias in self.marker.via.values():
            for via in vias:
                if via.path == path and via.moved:
                    link, real = map(self.marker.instance.native, (via.link, via.real))
                    detail = f"{link} is a link since after the Install; the next cleanup removes {real}"
                    return [Evidence("via-link", detail)]
        return [Evidence("absent", "it is listed, and nothing is there")]
