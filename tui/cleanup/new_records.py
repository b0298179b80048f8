"""An agent's record that is put right: its new content written beside it, then moved into its place."""

from __future__ import annotations

import errno
from collections.abc import Mapping

from tui.cleanup.calls import Calls
from tui.cleanup.journal import Became
from tui.cleanup.quarantine import COPY, Quarantine
from tui.cleanup.records import Did, PlanStep
from tui.cleanup.state_dir import told
from tui.cleanup.ways import Way
from tui.disk.opened import Status


class NewRecords:
    """Writes new records and puts them in place; the old ones lie in quarantine by then."""

    def __init__(self, calls: Calls, quarantine: Quarantine) -> None:
        self._calls = calls
        self._quarantine = quarantine

    def write(self, step: PlanStep, way: Way, like: Status, attributes: Mapping[str, bytes]) -> None:
        """Write a record's new content beside it, durably. Raises OSError."""
        name = self._quarantine.beside(step.number)
        try:
            self._calls.write(name, way.handle, step.content or b"", like, attributes)
        except FileExistsError:  # an earlier run, which was cut off
            self._calls.unlink(name, way.handle)
            self._calls.write(name, way.handle, step.content or b"", like, attributes)

    def forget(self, step: PlanStep, way: Way) -> None:
        """Remove what was written; what cannot be removed now is when the cleanup is recovered or undone."""
        dropped(self._calls, self._quarantine.beside(step.number), way)

    def place(self, step: PlanStep, name: str, way: Way, mirror: Way) -> Became:
        """Move a record's new content into its place, which is free; what was there comes back where that fails."""
        calls = self._calls
        try:
            calls.rename(self._quarantine.beside(step.number), way.handle, name, way.handle)
        except OSError as error:
            reason = f"its new content could not be put in place: {told(error)}"
            try:
                self._old_back(name, way, mirror)
            except OSError as second:
                return Became(Did.FAILED, True, f"{reason}; the old one lies in quarantine: {told(second)}")
            self.forget(step, way)
            return Became(Did.FAILED, False, reason)
        try:
            calls.sync(way.handle)
        except OSError as error:
            return Became(Did.RESTORED, True, f"whether it is durable cannot be told: {told(error)}")
        return Became(Did.RESTORED, True)

    def _old_back(self, name: str, way: Way, mirror: Way) -> None:
        """The old record from quarantine into its place. Raises OSError."""
        calls = self._calls
        try:
            calls.rename(name, mirror.handle, name, way.handle)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            part = self._quarantine.beside(COPY)
            try:
                calls.copy(name, mirror.handle, part, way.handle)
                calls.rename(part, way.handle, name, way.handle)
            except OSError:
                dropped(calls, part, way)
                raise
            calls.unlink(name, mirror.handle)


def dropped(calls: Calls, name: str, way: Way) -> bool:
    """Remove something that a step made; whether it is gone."""
    try:
        calls.unlink(name, way.handle)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
