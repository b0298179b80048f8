"""Whose files are concerned, as the examination has it, and what can be done about those in the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Callable, Optional

from tui.forensics.examination import Examination
from tui.forensics.marks import Mark, State
from tui.preview.records import Behavior, MadeBy

REMEDIES = {
    "appspec": "change the appspec: another deployment of the same revision fails in the same way",
    "source": "mend the revision: what its appspec names cannot be copied",
    "parent": "make the way to it: something above it is no directory, is missing, or the path is too long",
    "link": "move it away: the revision's link is never put over something, whatever the file-exists behavior",
    "directory": "move the directory away: a file of the revision is to stand there",
    "mkdir": "move it away: a directory of the revision is to stand there",
    "mode": "mend the revision's link or the appspec's permissions: mode and owner are set where a link leads",
    "account": "make the account on the instance, or change the appspec's permissions",
    "special": "it is a pipe, a socket or a device: the agent fails at it, or waits for ever; take it away",
    "utf8": "give the file a name that is valid UTF-8",
    "cleanup": "mend this line's path, or take the line out of the cleanup file",
}
_EXISTS = {
    Mark.DEPLOYED: "it is in a cleanup file that this deployment does not run: give the file to one group alone",
    Mark.SCRIPT_CREATED: "move it away; the script can make it again",
    Mark.ORPHANED: "move it away; the revision brings its own",
    Mark.UNATTRIBUTED: "keep a copy and move it away, or keep it with RETAIN",
}
_UNKNOWN = "move it away, or deploy with RETAIN or OVERWRITE"


class Attribution:
    """Looks paths up in an examination."""

    def __init__(self, examination: Examination) -> None:
        self._examination = examination

    def rows(self, paths: Iterable[str]) -> dict[str, int]:
        """The rows of some paths; those that have none are left out."""
        wanted = set(paths)
        return {path: row for row, path in self._examination.inventory.paths() if path in wanted} if wanted else {}

    def same_as(self, row: int, source: Callable[[], Optional[str]]) -> Optional[bool]:
        """Whether a row's file holds the same as its revision's, where ``source`` gives that; None: not known."""
        state = self._examination.state[row]
        if state not in (State.INTACT, State.MODIFIED):
            return None
        path = source()
        return state == State.INTACT if path is not None and self._examination.source_of(row) == path else None

    def made_by(self, row: int) -> MadeBy:
        """Who made a row's path."""
        e = self._examination
        record = e.row(row)
        first = record.evidence[0] if record.evidence else None
        why = first.detail if first is not None else "nothing on disk tells"
        return MadeBy(
            record.mark, record.confidence, record.group, record.deployment, why, first.source if first else None
        )


def remedy(code: str, made_by: Optional[MadeBy], behavior: Behavior) -> str:
    """The smallest thing that takes something out of the way. ``exists``: DISALLOW meets a file."""
    if code != "exists":
        return REMEDIES[code]
    if behavior is not Behavior.DISALLOW or made_by is None:
        return _UNKNOWN
    return _EXISTS[made_by.mark]
