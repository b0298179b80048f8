"""The records' side of an examination: what they list, plan, name and time, ready to be asked by path."""

from __future__ import annotations

from array import array
from typing import Optional

from tui.agent.records import COPY, MKDIR, Instance, LogFile, Problem
from tui.disk.inventory import ABSENT, Inventory
from tui.disk.root import Root
from tui.forensics.evidence.install_times import InstallTimes
from tui.forensics.evidence.listed import GROUP_SHIFT, INDEX_MASK, NO_INSTRUCTION, Listed
from tui.forensics.evidence.planned import dropped_lines, unlisted_plans
from tui.forensics.evidence.revisions import Revisions
from tui.forensics.evidence.script_text import ScriptText
from tui.forensics.evidence.script_times import ScriptTimes
from tui.forensics.evidence.zones import Zones
from tui.forensics.examination import NO_DEPLOYMENT
from tui.forensics.linked import ViaLink, resolve_all
from tui.forensics.targets import destinations

NO_CLAIM = -1


class Marker:
    """All that the records of one instance say, indexed once, for any number of Inventories."""

    def __init__(self, root: Root, instance: Instance, groups_gone: tuple[str, ...] = ()) -> None:
        self.root = root
        self.instance = instance
        self.gone = {g for g, group in enumerate(instance.groups) if group.id in groups_gone}
        self.listed = Listed(instance, self.gone)
        self.plans = unlisted_plans(instance, self.listed.claims)
        self.dropped = dropped_lines(instance)
        self.scripts = ScriptText(root, instance)
        self.zones = Zones(root, instance)
        self.times = ScriptTimes(instance, self.offset, self.zones.told)
        self.installs = InstallTimes(instance, self.offset)
        self.revisions = Revisions(root, instance)
        self.deployments: list[str] = []
        self._deployment_index: dict[str, int] = {}
        self.installed_by = [self._installed_by(g) for g in range(len(instance.groups))]
        self.via: dict[str, list[ViaLink]] = {}  # real path -> listed paths that lead to it

    def offset(self, log: LogFile, local: float) -> float:
        """Seconds east of UTC of a log at one of its local times (seconds since 1970 as if that were UTC)."""
        return self.zones.offset(log, local).seconds

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be told or read beside the agent's records."""
        logs = dict.fromkeys(window.run.source for window in self.times.windows if not window.told)
        message = "Nothing tells the time zone of its entries; they are taken for UTC."
        zones = (Problem("log-zone-unknown", path, message, severity="info") for path in logs)
        return (*self.zones.problems, *zones, *self.scripts.problems, *self.revisions.problems)

    # -- places beside the target locations ------------------------------------------------

    def named_outside(self) -> set[str]:
        """Paths that scripts make by name, wherever they are."""
        return self.scripts.named()

    def linked(self) -> list[ViaLink]:
        """Listed paths that are reached through a link; the places they lead to are marked, too."""
        found: list[ViaLink] = []
        for group in self.instance.groups:
            if group.cleanup is not None:
                places = destinations(self.instance, group)
                found += resolve_all(self.root, group.cleanup.paths, group.cleanup.mtime, places)
        for via in found:
            self.via.setdefault(via.real, []).append(via)
        return found

    # -- what is listed ---------------------------------------------------------------------

    def claims(self, inventory: Inventory) -> array[int]:
        """For each row the claim of a cleanup file on it, or NO_CLAIM."""
        get = self.listed.claims.get
        found = array("q", (get(path, NO_CLAIM) for _, path in inventory.paths()))
        if self.via:
            for row, path in inventory.paths():
                if found[row] == NO_CLAIM and path in self.via and inventory.type[row] != ABSENT:
                    found[row] = get(self.via[path][0].path, NO_CLAIM)
        return found

    def absent(self, claims: array[int]) -> list[str]:
        """Listed paths with no row of their own, less those that the agent installed through a link."""
        seen = [bytearray(len(group.cleanup.paths) if group.cleanup else 0) for group in self.instance.groups]
        for claim in claims:
            if claim != NO_CLAIM:
                seen[claim >> GROUP_SHIFT][claim & INDEX_MASK] = 1
        if all(0 not in flags for flags in seen) and not self.via:
            return []
        through = {via.path for vias in self.via.values() for via in vias if not via.moved}
        moved = {via.path for vias in self.via.values() for via in vias if via.moved}
        return [
            path
            for path, claim in self.listed.claims.items()
            if path in moved
            or (not seen[claim >> GROUP_SHIFT][claim & INDEX_MASK] and path not in through and path.startswith("/"))
        ]

    def deployment_number(self, deployment_id: Optional[str]) -> int:
        """A deployment id's number in ``deployments``."""
        if deployment_id is None:
            return NO_DEPLOYMENT
        number = self._deployment_index.get(deployment_id)
        if number is None:
            number = self._deployment_index[deployment_id] = len(self.deployments)
            self.deployments.append(deployment_id)
        return number

    def _installed_by(self, g: int) -> array[int]:
        """The deployment that each entry of a group's cleanup file came with, as numbers.

        A copy's source in the install plan names it; a directory, or an entry that is in no plan, is
        taken for the last completed Install's.
        """
        group = self.instance.groups[g]
        pointer = group.last_successful or group.most_recent
        default = self.deployment_number(pointer.deployment_id) if pointer is not None else NO_DEPLOYMENT
        plan, instructions = group.plan, self.listed.instruction[g]
        if plan is None:
            return array("h", [default]) * len(instructions)
        of_rule = [self._deployment_in(source) for source, _ in plan.rules]
        kinds, rules = plan.kinds, plan.rule
        return array(
            "h", (of_rule[rules[i]] if i != NO_INSTRUCTION and kinds[i] == COPY else default for i in instructions)
        )

    def _deployment_in(self, source: str) -> int:
        """The deployment whose archive a path lies in."""
        above, archive, _ = source.partition("/deployment-archive")
        return self.deployment_number(above.rpartition("/")[2]) if archive else NO_DEPLOYMENT

    def source(self, claim: int) -> Optional[str]:
        """A listed path's file in its revision: by the install plan, else by the revision's appspec."""
        source = self.listed.source(claim)
        if source is not None:
            return source
        g, k = Listed.parts(claim)
        group = self.instance.groups[g]
        pointer = group.last_successful or group.most_recent
        if group.cleanup is None or pointer is None or self.is_made(claim):
            return None
        found = self.revisions.source_in(g, pointer.deployment_id, group.cleanup.paths[k])
        return found[0] if found is not None else None

    def is_made(self, claim: int) -> bool:
        """Whether a listed path is a directory that the install plan makes."""
        i, plan = self.listed.planned(claim), self.instance.groups[Listed.parts(claim)[0]].plan
        return i is not None and plan is not None and plan.kinds[i] == MKDIR
