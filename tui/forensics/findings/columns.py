"""Looking through an examination's columns without a step for each row."""

from __future__ import annotations

import re
from typing import Union

from tui.forensics.marks import Mark, State


def _any_of(*values: int) -> re.Pattern[bytes]:
    return re.compile(b"[" + b"".join(re.escape(bytes([value])) for value in values) + b"]")


ORPHANED = _any_of(Mark.ORPHANED)
NOT_DEPLOYED = _any_of(Mark.SCRIPT_CREATED, Mark.ORPHANED, Mark.UNATTRIBUTED)
ODD_STATE = _any_of(State.MODIFIED, State.MISSING, State.REPLACED, State.UNVERIFIED)


def rows_of(column: Union[bytes, bytearray], pattern: re.Pattern[bytes]) -> list[int]:
    """The rows whose value a pattern has, ascending."""
    return [match.start() for match in pattern.finditer(column)]
