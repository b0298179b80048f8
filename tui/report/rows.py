"""An Examination's paths, one row after the other, in the words of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Optional

from tui.disk.inventory import ABSENT, TYPE_NAMES, UNKNOWN_TIME
from tui.forensics.examination import NO_DEPLOYMENT, NO_GROUP, Examination
from tui.forensics.marks import Confidence, Evidence, Mark, State

NANO = 10**9


class PathRow(NamedTuple):
    """One path, in the instance's native form.

    ``size`` in bytes, None where the path is absent; ``mtime`` in seconds since 1970.
    """

    path: str
    type: str
    mark: str
    state: Optional[str]
    confidence: str
    group: Optional[str]
    deployment: Optional[str]
    size: Optional[int]
    mtime: Optional[float]
    next: str
    evidence: tuple[Evidence, ...]


def path_rows(examination: Examination, with_evidence: bool = True) -> Iterator[PathRow]:
    """Every row of the inventory, in its order (path order), made as it is asked for.

    ``with_evidence`` False leaves ``evidence`` empty and spares the work of making it.
    """
    x, inventory = examination, examination.inventory
    marks = [mark.label for mark in Mark]
    states = [state.label for state in State]
    confidences = [confidence.label for confidence in Confidence]
    groups = [group.id for group in x.instance.groups]
    windows, native = x.instance.windows, x.instance.native
    for row, path in inventory.paths():
        kind, group, deployment, mtime = inventory.type[row], x.group[row], x.deployment[row], inventory.mtime_ns[row]
        yield PathRow(
            native(path) if windows else path,
            TYPE_NAMES[kind],
            marks[x.mark[row]],
            states[x.state[row]],
            confidences[x.confidence[row]],
            None if group == NO_GROUP else groups[group],
            None if deployment == NO_DEPLOYMENT else x.deployments[deployment],
            None if kind == ABSENT else inventory.size[row],
            None if kind == ABSENT or mtime == UNKNOWN_TIME else mtime / NANO,  # of two ints: rounded once
            "removed" if x.removed_next[row] else "remains",
            x.evidence_of(row) if with_evidence else (),
        )
