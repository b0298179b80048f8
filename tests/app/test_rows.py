"""GIVEN an Examination WHEN it is opened, filtered, sorted or replaced THEN the right rows are visible, in order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import examples
from tui.app.filter import parse
from tui.app.rows import FLAT, SORTS, TREE, Rows
from tui.disk.inventory import NO_ROW
from tui.forensics.examination import Examination
from tui.forensics.marks import State

from .build import SHOP, D, O, examination_of, shop, wide


def paths(rows: Rows) -> list[str]:
    return [rows.examination.inventory.path(row) for row in rows.visible]


def at(rows: Rows, path: str) -> int:
    row = rows.examination.inventory.find(path)
    assert row is not None
    position = rows.position(row)
    assert position is not None
    return position


def test_tops_are_open_at_first() -> None:
    assert paths(Rows(shop())) == [
        "/etc/shop.conf",
        "/srv/shop",
        "/srv/shop/app.js",
        "/srv/shop/cache",
        "/srv/shop/config.yml",
        "/srv/shop/static",
        "/srv/shop/swapped",
        "/srv/shop/upload.bin",
    ]


def test_open_and_close_one() -> None:
    rows = Rows(shop())
    before = paths(rows)
    rows.set_open(at(rows, "/srv/shop/static"), True)
    assert [p for p in paths(rows) if p not in before] == [p for p, *_ in SHOP if p.startswith("/srv/shop/static/")]
    rows.set_open(at(rows, "/srv/shop/static"), False)
    assert paths(rows) == before


def test_a_closed_directory_remembers_what_was_open_in_it() -> None:
    rows = Rows(shop())
    rows.set_open(at(rows, "/srv/shop/static"), True)
    whole = paths(rows)
    rows.set_open(at(rows, "/srv/shop"), False)
    assert paths(rows) == ["/etc/shop.conf", "/srv/shop"]
    rows.set_open(at(rows, "/srv/shop"), True)
    assert paths(rows) == whole


def test_open_all_and_close_all() -> None:
    rows = Rows(shop())
    rows.open_all(True)
    assert paths(rows) == [path for path, *_ in SHOP]
    rows.open_all(False)
    assert paths(rows) == ["/etc/shop.conf", "/srv/shop"]


def test_a_filter_keeps_and_opens_the_directories_above() -> None:
    rows = Rows(shop())
    rows.set_filter(parse("mark:o"))
    assert paths(rows) == [
        "/srv/shop",
        "/srv/shop/static",
        "/srv/shop/static/old.css",
        "/srv/shop/static/old.js",
    ]
    assert rows.files == (0, 0, 2, 0)


def test_without_the_filter_all_is_open_as_before() -> None:
    rows = Rows(shop())
    before = paths(rows)
    rows.set_filter(parse("mark:o"))
    rows.set_open(at(rows, "/srv/shop"), False)
    rows.set_filter(parse(""))
    assert paths(rows) == before


def test_the_flat_view_has_what_the_filter_lets_through_and_no_more() -> None:
    rows = Rows(shop())
    rows.set_view(FLAT)
    assert paths(rows) == [path for path, *_ in SHOP]
    rows.set_filter(parse("mark:o"))
    assert paths(rows) == ["/srv/shop/static/old.css", "/srv/shop/static/old.js"]


def test_the_largest_first() -> None:
    rows = Rows(shop())
    rows.set_sort("size")
    assert paths(rows)[:4] == ["/srv/shop", "/srv/shop/static", "/srv/shop/upload.bin", "/srv/shop/app.js"]
    assert paths(rows)[-1] == "/etc/shop.conf"


def test_the_newest_first() -> None:
    rows = Rows(examination_of([("/a/old", 9000, D, State.INTACT), ("/a/new", 1, D, State.INTACT)]))
    rows.set_view(FLAT)
    rows.set_sort("mtime")
    assert paths(rows) == ["/a/new", "/a/old"]


def test_by_mark_a_directory_stands_with_the_worst_that_it_holds() -> None:
    rows = Rows(shop())
    rows.set_sort("mark")
    below = [path for path in paths(rows) if path.startswith("/srv/shop/")]
    assert below == [
        "/srv/shop/static",
        "/srv/shop/cache",
        "/srv/shop/upload.bin",
        "/srv/shop/app.js",
        "/srv/shop/config.yml",
        "/srv/shop/swapped",
    ]


def test_by_state_what_is_missing_comes_first() -> None:
    rows = Rows(shop())
    rows.set_view(FLAT)
    rows.set_sort("state")
    states = [State(rows.examination.state[row]) for row in rows.visible if not rows.has_below(row)]
    assert states[:4] == [State.MISSING, State.REPLACED, State.MODIFIED, State.UNVERIFIED]


def test_reveal_opens_what_a_path_is_in() -> None:
    rows = Rows(shop())
    rows.open_all(False)
    row = rows.examination.inventory.find("/srv/shop/static/old.js")
    assert row is not None and rows.position(row) is None
    rows.reveal(row)
    assert paths(rows)[rows.nearest(row)] == "/srv/shop/static/old.js"


def test_the_nearest_row_of_one_that_is_hidden_is_the_directory_it_is_in() -> None:
    rows = Rows(shop())
    row = rows.examination.inventory.find("/srv/shop/static/old.js")
    assert row is not None
    assert paths(rows)[rows.nearest(row)] == "/srv/shop/static"


def test_a_later_examination_keeps_what_is_open_filtered_and_sorted() -> None:
    rows = Rows(shop())
    rows.set_open(at(rows, "/srv/shop/static"), True)
    more = [
        ("/srv/aaa", -1, D, State.INTACT),
        ("/srv/shop/static/new", -1, O, State.NONE),
        ("/srv/shop/static/new/x", 1, O, State.NONE),
        ("/srv/shop/again", -1, D, State.INTACT),
        ("/srv/shop/again/y", 1, D, State.INTACT),
    ]
    rows.replace(examination_of([*SHOP, *more]))
    shown = paths(rows)
    assert "/srv/shop/static/old.js" in shown and "/srv/shop/static/new" in shown and "/srv/aaa" in shown
    assert "/srv/shop/static/new/x" not in shown and "/srv/shop/again/y" not in shown
    rows.set_filter(parse("mark:o"))
    rows.set_sort("size")
    rows.replace(shop())
    assert paths(rows) == [
        "/srv/shop",
        "/srv/shop/static",
        "/srv/shop/static/old.js",
        "/srv/shop/static/old.css",
    ]


def test_what_was_closed_after_all_was_opened_stays_closed_in_a_later_examination() -> None:
    rows = Rows(shop())
    rows.open_all(True)
    rows.set_open(at(rows, "/srv/shop/cache"), False)
    rows.replace(examination_of([*SHOP, ("/srv/shop/b", -1, D, State.INTACT), ("/srv/shop/b/y", 1, D, State.INTACT)]))
    assert "/srv/shop/cache/idx" not in paths(rows) and "/srv/shop/b/y" in paths(rows)


def test_nothing_at_all() -> None:
    rows = Rows(examination_of([]))
    assert len(rows) == 0 and rows.nearest(0) == 0
    for sort in SORTS:
        rows.set_sort(sort)
        rows.set_view(FLAT if rows.view == TREE else TREE)
        rows.open_all(True)
    assert len(rows) == 0


def test_a_directory_with_a_million_rows_is_one_visible_row_until_it_is_opened() -> None:
    rows = Rows(wide(1, 10_000))
    assert len(rows) == 2
    rows.set_open(1, True)
    assert len(rows) == 10_002
    rows.set_open(1, False)
    assert len(rows) == 2


def _slow(examination: Examination, opened: set[int], mask: set[int] | None) -> list[int]:
    """The visible rows of the tree, the plain way."""
    inventory, found = examination.inventory, []
    for row in range(len(inventory)):
        parent, visible = inventory.parent[row], True
        while parent != NO_ROW:
            visible = visible and parent in opened
            parent = inventory.parent[parent]
        if mask is not None:
            visible = visible and any(below in mask for below in range(row, inventory.end[row]))
        if visible:
            found.append(row)
    return found


_steps = st.lists(
    st.tuples(st.sampled_from(["turn", "open", "close", "mark", "clear", "sort", "view"]), st.integers(0, 99))
)


@settings(deadline=None, max_examples=examples(60))
@given(_steps)
def test_any_order_of_steps_gives_the_rows_that_a_plain_walk_gives(steps: list[tuple[str, int]]) -> None:
    rows = Rows(shop())
    for step, number in steps:
        if step == "turn" and len(rows):
            position = number % len(rows)
            rows.set_open(position, not rows.is_open(rows.visible[position]))
        elif step in ("open", "close"):
            rows.open_all(step == "open")
        elif step in ("mark", "clear"):
            rows.set_filter(parse(["mark:o", "mark:s", "old", "-mark:d"][number % 4] if step == "mark" else ""))
        elif step == "sort":
            rows.set_sort(SORTS[number % len(SORTS)])
        elif step == "view":
            rows.set_view(FLAT if number % 2 else TREE)
        mask = None if rows.mask is None else {row for row, passed in enumerate(rows.mask) if passed}
        if rows.view == FLAT:
            wanted = list(range(len(SHOP))) if mask is None else sorted(mask)
        else:
            flags = rows.openness.flags
            wanted = _slow(rows.examination, {row for row in range(len(SHOP)) if flags[row]}, mask)
        assert sorted(rows.visible) == wanted
        if rows.sort == "path":
            assert list(rows.visible) == wanted
        assert all(rows.visible[rows.nearest(row)] == row for row in rows.visible)
