"""What became of cleanup lines, in columns."""

from __future__ import annotations

import pytest

from tui.preview.records import Action, CleanupLine
from tui.preview.told import Told

LINES = [
    CleanupLine("/srv/b", Action.REMOVED, 9),
    CleanupLine("/srv/link/a", Action.NOT_EMPTY, 4_000_000, "/mnt/a"),
    CleanupLine("cut", Action.NOT_LISTED_WHOLE, 1, None, "the last line, without a newline"),
]


def test_records_come_back_as_they_were_added() -> None:
    told = Told(LINES[:1])
    told.append(LINES[1])
    told.extend(LINES[2:])
    assert (list(told), list(reversed(told)), len(told)) == (LINES, LINES[::-1], 3)
    assert (told[1], told[-1], told[:2], told[::-1]) == (LINES[1], LINES[2], LINES[:2], LINES[::-1])
    with pytest.raises(IndexError):
        told[3]


def test_it_equals_a_list_or_tuple_of_the_same() -> None:
    assert Told(LINES) == LINES and Told(LINES) == Told(LINES) and not Told()
    assert Told(LINES) != LINES[:2] and Told(LINES) != [*LINES[:2], LINES[0]] and Told(LINES) != 3


@pytest.mark.parametrize("action", Action)
def test_every_action_is_kept(action: Action) -> None:
    assert Told([CleanupLine("/a", action, 1)])[0].action is action


def test_lines_are_found_by_what_was_done_and_by_what_they_name_or_lead_to() -> None:
    told = Told(LINES)
    assert list(told.of([Action.NOT_LISTED_WHOLE, Action.REMOVED])) == [LINES[0], LINES[2]]
    assert list(told.at("/srv/b")) == LINES[:1]
    assert list(told.at("/mnt/a")) == list(told.at("/srv/link/a")) == LINES[1:2]
    assert list(told.at("/mnt")) == []
