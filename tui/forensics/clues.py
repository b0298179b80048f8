"""What is cheap to say of any path, and so is said again when it is shown instead of being kept."""

from __future__ import annotations

from typing import NamedTuple, Optional

from tui.agent.records import Instance
from tui.disk.inventory import Inventory
from tui.forensics.evidence.script_names import NamedAfter, ScriptNames, name_evidence
from tui.forensics.marks import Evidence
from tui.paths import split


class Clues(NamedTuple):
    """The cheap evidence for one path."""

    named: Optional[NamedAfter] = None

    def pieces(self) -> tuple[Evidence, ...]:
        """The clues as evidence."""
        shown = []
        if self.named is not None:
            shown.append(name_evidence(self.named))
        return tuple(shown)


class ClueFinder:
    """All cheap evidence about one instance, ready to be asked by path."""

    def __init__(self, instance: Instance) -> None:
        self.names = ScriptNames(instance)

    def of(self, inventory: Inventory, row: int, path: str) -> Clues:
        """What there is to say of a row."""
        return Clues(named=self.names.of(split(path)[1]))
