"""Revisions left on the instance: would one of them have put this file here, and is it the same file?

A revision's appspec is asked backwards, from the path on disk to the file that the Install event
would have copied to it (``agent/installer.rb`` of version 1.8.1), so the cost follows the paths that
nothing else explains, not the size of the revisions.
"""

from __future__ import annotations

from collections import OrderedDict
from enum import IntEnum
from typing import NamedTuple, Optional

from tui.agent.records import Deployment, Instance, Problem
from tui.disk.inventory import DIR, FILE, LINK, Inventory
from tui.disk.root import NotThere, Root, RootError, Stat
from tui.forensics.evidence import at
from tui.forensics.marks import Evidence, Mark
from tui.paths import normal_path, split
from tui.windows_paths import fold

MAX_UNREAD = 1000  # paths of revisions that cannot be read, remembered


class Verdict(IntEnum):
    """How a path compares with what a revision would put there; the strongest first."""

    SAME_FILE = 0  # content and modification time, which the agent's copy keeps
    SAME_CONTENT = 1
    DIRECTORY = 2  # the revision has a directory for it
    ANCESTOR = 3  # a directory above a destination, which the agent makes where it is missing
    DIFFERENT = 4


class Claim(NamedTuple):
    """What one revision says of a path."""

    verdict: Verdict
    group: int
    deployment: Deployment
    source: Optional[str]
    line: int


class _Mapping(NamedTuple):
    destination: str
    source: str
    is_directory: bool
    line: int
    above: str  # what the paths below the destination begin with


class _Revision:
    def __init__(
        self, root: Root, instance: Instance, group: int, deployment: Deployment, unread: dict[str, str]
    ) -> None:
        self.group = group
        self.deployment = deployment
        self.mappings: list[_Mapping] = []
        assert deployment.appspec is not None and deployment.archive is not None
        for mapping in deployment.appspec.files:
            destination = instance.inside(mapping.destination)
            source = instance.below(deployment.archive, mapping.source)
            if destination is None or source is None:
                continue
            try:
                stat = root.stat(source)
            except RootError as error:
                _keep(unread, error)
                continue
            if stat is None:
                continue
            if stat.type != DIR:
                destination = normal_path(f"{destination}/{split(source)[1]}") or destination
            place = root.spelling(destination)
            above = place.rstrip("/") + "/"
            self.mappings.append(_Mapping(place, source, stat.type == DIR, mapping.line, above))


class Revisions:
    """All revisions with a readable appspec, newest first.

    Where one cannot be looked at, it says nothing, and ``problems`` has a word of it.
    """

    def __init__(self, root: Root, instance: Instance) -> None:
        self.root = root
        self._key = fold if instance.windows else str
        self.revisions: list[_Revision] = []
        self._unread: dict[str, str] = {}
        self._listings: OrderedDict[str, dict[str, Stat]] = OrderedDict()
        found = [
            (deployment.mtime, deployment.id, group, deployment)
            for group, record in enumerate(instance.groups)
            for deployment in record.deployments
            if deployment.archive is not None and deployment.appspec is not None
        ]
        for _, _, group, deployment in sorted(found, key=lambda item: item[:2], reverse=True):
            self.revisions.append(_Revision(root, instance, group, deployment, self._unread))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What of the revisions could not be read so far: the first of each revision."""
        found: dict[str, Problem] = {}
        for path, reason in self._unread.items():
            for revision in self.revisions:
                archive = revision.deployment.archive or ""
                if path == archive or path.startswith(archive + "/"):
                    message = f"What this revision has for a place is not known in part: {reason}."
                    found.setdefault(archive, Problem("revision-unreadable", path, message))
        return tuple(found.values())

    def _entry(self, path: str) -> Optional[Stat]:
        """What a revision has at a path, by the listing of its directory (kept for its siblings)."""
        directory, name = split(path)
        listing = self._listings.get(directory)
        if listing is None:
            try:
                listing = {self._key(entry): stat for entry, stat in self.root.list(directory)}
            except RootError as error:
                _keep(self._unread, error)
                listing = {}
            self._listings[directory] = listing
            if len(self._listings) > 64:
                self._listings.popitem(last=False)
        return listing.get(self._key(name))

    def source_in(self, group: int, deployment_id: Optional[str], path: str) -> Optional[tuple[str, int]]:
        """``(file in the revision, appspec line)`` that one deployment would have copied to a path."""
        for revision in self.revisions:
            if revision.group == group and revision.deployment.id == deployment_id:
                for mapping in revision.mappings:
                    source = _source(mapping, path)
                    if source is not None and self._entry(source) is not None:
                        return source, mapping.line
        return None

    def claim(self, inventory: Inventory, row: int, path: str) -> Optional[Claim]:
        """The strongest thing that a revision says of a path on disk; the newest revision on a tie."""
        best: Optional[Claim] = None
        for revision in self.revisions:
            for mapping in revision.mappings:
                verdict, source = self._verdict(inventory, row, path, mapping)
                if verdict is not None and (best is None or verdict < best.verdict):
                    best = Claim(verdict, revision.group, revision.deployment, source, mapping.line)
            if best is not None and best.verdict == Verdict.SAME_FILE:
                break
        return best

    def _verdict(
        self, inventory: Inventory, row: int, path: str, mapping: _Mapping
    ) -> tuple[Optional[Verdict], Optional[str]]:
        kind = inventory.type[row]
        if len(path) < len(mapping.destination) and mapping.destination.startswith(path + "/"):
            return (Verdict.ANCESTOR if kind == DIR else Verdict.DIFFERENT), None
        source = _source(mapping, path)
        if source is None:
            return None, None
        theirs = self._stat(source, mapping.is_directory) if source == mapping.source else self._entry(source)
        if theirs is None:
            return None, None
        verdict = self._compare(inventory, row, path, source, theirs)
        return verdict, None if verdict is None else source

    def _stat(self, source: str, follow: bool) -> Optional[Stat]:
        try:
            return self.root.stat(source, follow)
        except RootError as error:
            _keep(self._unread, error)
            return None

    def _compare(self, inventory: Inventory, row: int, path: str, source: str, theirs: Stat) -> Optional[Verdict]:
        """None where one of the two cannot be read: then nothing is known."""
        kind = inventory.type[row]
        try:
            if kind == DIR:
                there = self.root.stat(source) if theirs.type == LINK else theirs
                return Verdict.DIRECTORY if there is not None and there.type == DIR else Verdict.DIFFERENT
            if kind == LINK and theirs.type == LINK:
                same = inventory.targets.get(row) == self.root.read_link(source)
                return Verdict.SAME_CONTENT if same else Verdict.DIFFERENT
            if kind != FILE or theirs.type != FILE or inventory.size[row] != theirs.size:
                return Verdict.DIFFERENT
            if not self.root.same_content(path, source):
                return Verdict.DIFFERENT
        except RootError as error:
            if error.path == source:
                _keep(self._unread, error)
            return None
        kept = abs(inventory.mtime_ns[row] - theirs.mtime_ns) < 2000
        return Verdict.SAME_FILE if kept else Verdict.SAME_CONTENT


def _keep(unread: dict[str, str], error: RootError) -> None:
    """Remember what could not be read; a bounded number."""
    if not isinstance(error, NotThere) and len(unread) < MAX_UNREAD:
        unread.setdefault(error.path, error.reason)


def _source(mapping: _Mapping, path: str) -> Optional[str]:
    if path == mapping.destination:
        return mapping.source
    if mapping.is_directory and path.startswith(mapping.above):
        return mapping.source.rstrip("/") + "/" + path[len(mapping.above) :]
    return None


_SAYS = {
    Verdict.SAME_FILE: "revision {} has this very file for this place: same content, same modification time",
    Verdict.SAME_CONTENT: "revision {} has the same content for this place",
    Verdict.DIRECTORY: "revision {} has a directory for this place, and no cleanup file lists it",
    Verdict.ANCESTOR: "revision {} is installed below it, so the agent makes it where it is missing",
    Verdict.DIFFERENT: "revision {} has something else for this place: what is here is not that revision's",
}


def claim_evidence(claim: Claim) -> Evidence:
    """What a revision says, with the appspec's line."""
    appspec = claim.deployment.appspec
    assert appspec is not None
    kind = "other-content" if claim.verdict == Verdict.DIFFERENT else "revision"
    mark = None if claim.verdict == Verdict.DIFFERENT else Mark.ORPHANED
    return Evidence(kind, _SAYS[claim.verdict].format(claim.deployment.id), at(appspec.path, claim.line), mark)
