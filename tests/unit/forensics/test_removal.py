"""What a cleanup removes, played on an Inventory."""

from __future__ import annotations

from array import array

from tui.disk.inventory import ABSENT, DIR, FILE, LINK, NO_ROW, Inventory
from tui.forensics.removal import NO_LINE_ROW, OUTSIDE, removed_by_cleanup


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


def linked() -> Inventory:
    """0 /srv/app, 1 /srv/app/a (file), 2 /srv/app/dangling (link), 3 /srv/app/to-a (link), 4 /srv/app/z (link)"""
    inventory = Inventory()
    top = inventory.append(NO_ROW, "/srv/app", DIR)
    inventory.append(top, "a", FILE)
    for name in ("dangling", "to-a", "z"):
        inventory.append(top, name, LINK)
    inventory.close(top)
    return inventory


def removed_links(order, ways) -> list:
    return list(removed_by_cleanup(linked(), [array("I", order)], set(), ways))


def test_version_1_removes_every_link() -> None:
    assert removed_links([0, 1, 2, 3, 4], None) == [1, 1, 1, 1, 1]


def test_version_2_leaves_a_link_that_leads_nowhere_and_the_directory_it_is_in() -> None:
    ways = {2: (), 3: (1,), 4: (OUTSIDE,)}
    assert removed_links([0, 1, 2, 3, 4], ways) == [0, 1, 0, 1, 1]


def test_version_2_leaves_a_link_whose_target_it_has_just_removed() -> None:
    ways = {2: (), 3: (1,), 4: (3, 1)}
    # Backwards: 1 goes first, and with it all that leads there.
    assert removed_links([0, 4, 3, 1], ways) == [0, 1, 0, 0, 0]
