"""Files that a process of this machine holds open now: the running app's, not a finished script's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Optional

from tui.forensics.marks import Evidence, Mark
from tui.system.open_files import Gathered, Holder


class OpenFiles:
    """Who holds which path open, by paths in the program's form. Empty where it is not known."""

    def __init__(
        self,
        files: Mapping[str, Sequence[Holder]],
        directories: Optional[Mapping[str, Sequence[Holder]]] = None,
        complete: bool = True,
    ) -> None:
        self._files = files
        self._directories = directories or {}
        self.complete = complete  # False: that nobody is told does not mean that nobody is

    @classmethod
    def gathered(cls, found: Gathered) -> OpenFiles:
        """From what the system said."""
        return cls(found.files, found.directories, found.complete and not found.refused)

    def of(self, path: str) -> tuple[Holder, ...]:
        """The processes that hold a file open, those that write to it first."""
        return tuple(sorted(self._files.get(path, ()), key=lambda holder: (not holder.writes, holder.pid)))

    def written(self, path: str) -> bool:
        """Whether a process holds it open for writing."""
        return any(holder.writes for holder in self._files.get(path, ()))

    def working_in(self, path: str) -> tuple[Holder, ...]:
        """The processes whose working directory a path is."""
        return tuple(self._directories.get(path, ()))

    def __len__(self) -> int:
        return len(self._files)


def open_evidence(holders: Sequence[Holder], working: bool = False) -> Evidence:
    """Who has it open, or works in it."""
    first = holders[0]
    of = f" of {first.service}" if first.service else ""
    others = f" and {len(holders) - 1} more" if len(holders) > 1 else ""
    if working:
        what = "has it for its working directory"
    else:
        what = "holds it open for writing" if first.writes else "holds it open"
    detail = f"the process {first.name or 'without a name'} ({first.pid}){of}{others} {what} now"
    return Evidence("open-file", detail, None, Mark.UNATTRIBUTED)
