"""The cleanup files: what they list is deployed, and the next deployment of the group removes it."""

from __future__ import annotations

from array import array
from collections.abc import Collection
from typing import Optional

from tui.agent.records import COPY, MKDIR, Group, Instance
from tui.forensics.evidence import at
from tui.forensics.marks import Evidence
from tui.paths import normal_path

NO_INSTRUCTION = 0xFFFFFFFF
GROUP_SHIFT = 32  # a claim is the group's index above, the entry's index in its cleanup file below
INDEX_MASK = (1 << GROUP_SHIFT) - 1


class Listed:
    """All paths that current cleanup files list, as ``claim`` numbers: group and index in one int.

    Of a path that several list it is that of the first group that is not declared gone: another's being gone makes
    nothing orphaned that a group in use lists. ``instruction[g][k]`` is the install plan's instruction that entry ``k``
    of group ``g`` comes from.
    """

    def __init__(self, instance: Instance, gone: Collection[int] = ()) -> None:
        """``gone``: indexes of the groups that are declared gone."""
        self.groups = instance.groups
        self.claims: dict[str, int] = {}
        self.more: dict[str, list[int]] = {}  # further claims on a path that has one
        self.instruction = [_instructions(group) for group in instance.groups]
        for g, group in sorted(enumerate(instance.groups), key=lambda numbered: numbered[0] in gone):
            if group.cleanup is None:
                continue
            for k, written in enumerate(group.cleanup.paths):
                path = normal_path(written) or written
                claim = g << GROUP_SHIFT | k
                known = self.claims.setdefault(path, claim)
                if known != claim:
                    known = self.more[path][-1] if path in self.more else known
                    if known >> GROUP_SHIFT != g:  # another line of the same file tells nothing new
                        self.more.setdefault(path, []).append(claim)

    @staticmethod
    def parts(claim: int) -> tuple[int, int]:
        """A claim's group index, and its index in that group's cleanup file."""
        return claim >> GROUP_SHIFT, claim & INDEX_MASK

    def planned(self, claim: int) -> Optional[int]:
        """The instruction of the group's install plan behind a claim."""
        g, k = self.parts(claim)
        i = self.instruction[g][k]
        return None if i == NO_INSTRUCTION else i

    def source(self, claim: int) -> Optional[str]:
        """The revision's file that a claim's copy came from, by the install plan."""
        i, plan = self.planned(claim), self.groups[self.parts(claim)[0]].plan
        return None if i is None or plan is None else plan.source(i)

    def evidence(self, claim: int) -> Evidence:
        """The line of the cleanup file."""
        g, k = self.parts(claim)
        cleanup = self.groups[g].cleanup
        assert cleanup is not None
        return Evidence(
            "cleanup-file",
            f"the cleanup file of deployment group {self.groups[g].id} lists it",
            at(cleanup.path, cleanup.lines[k]),
        )


def _instructions(group: Group) -> array[int]:
    """For each entry of a group's cleanup file, the plan's instruction it comes from.

    The Install event writes both in the same order, so one look ahead suffices; entries that do not
    fit (a restored or edited file) are looked up by path.
    """
    found = array("I")
    if group.cleanup is None or group.plan is None:
        found.extend([NO_INSTRUCTION] * (len(group.cleanup.paths) if group.cleanup else 0))
        return found
    kinds, paths = group.plan.kinds, group.plan.paths
    by_path: Optional[dict[str, int]] = None
    i, count = 0, len(kinds)
    for path in group.cleanup.paths:
        j = i
        while j < count and kinds[j] not in (COPY, MKDIR):
            j += 1
        if j < count and paths[j] == path:
            found.append(j)
            i = j + 1
            continue
        if by_path is None:
            by_path = {p: n for n, p in enumerate(paths) if kinds[n] in (COPY, MKDIR)}
        j = by_path.get(path, NO_INSTRUCTION)
        found.append(j)
        if j != NO_INSTRUCTION:
            i = j + 1
    return found
