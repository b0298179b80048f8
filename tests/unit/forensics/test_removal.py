"""What a cleanup removes, played on an Inventory."""

from __future__ import annotations

from array import array

from tui.disk.inventory import ABSENT, DIR, FILE, NO_ROW, Inventory
from tui.forensics.removal import NO_LINE_ROW, removed_by_cleanup


def tree() -> Inventory:
    """0 /srv/app, 1 /srv/app/a (file), 2 /srv/app/d (dir), 3 /srv/app/d/x, 4 /srv/app/gone (absent)"""
    inventory = Inventory()
    top = inventory.append(NO_ROW, "/srv/app", DIR)
    inventory.append(top, "a", FILE)
    below = inventory.append(top, "d", DIR)
    inventory.append(below, "x", FILE)
    inventory.close(below)
    inventory.append(top, "gone", ABSENT)
    inventory.close(top)
    return inventory


def removed(lines, closed=frozenset()) -> list:
    return list(removed_by_cleanup(tree(), [array("I", rows) for rows in lines], set(closed)))


def test_directories_go_when_all_in_them_goes_before() -> None:
    assert removed([[0, 1, 2, 3, 4]]) == [1, 1, 1, 1, 1]


def test_a_directory_that_holds_something_unlisted_remains_and_so_does_its_parent() -> None:
    assert removed([[0, 1, 2]]) == [0, 1, 0, 0, 0]


def test_removals_run_in_reverse_so_a_directory_listed_after_its_files_remains() -> None:
    assert removed([[0, 1, 3, 2]]) == [0, 1, 0, 1, 0]


def test_a_directory_that_was_not_looked_into_never_counts_as_empty() -> None:
    assert removed([[0, 1, 2, 3]], closed={2}) == [0, 1, 0, 1, 0]


def test_groups_are_played_one_by_one() -> None:
    assert removed([[0, 1], [2, 3]]) == [0, 1, 1, 1, 0]


def test_lines_without_a_row_are_passed_over() -> None:
    assert removed([[NO_LINE_ROW, 1]]) == [0, 1, 0, 0, 0]
