"""GIVEN a filter as it is typed WHEN it is matched THEN the rows that it means come through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.app.filter import FilterError, group_term, match, match_text, parse, toggle_mark
from tui.disk.inventory import DIR, FILE, NO_ROW, Inventory
from tui.forensics.examination import Examination
from tui.forensics.marks import Mark, State

from .build import SHOP, D, O, S, U, examination_of, instance, shop


def passed(examination: Examination, line: str) -> list[str]:
    mask = match(examination, parse(line))
    assert len(mask) == len(examination.inventory)
    return [path for row, path in examination.inventory.paths() if mask[row]]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("old", ["/srv/shop/static/old.css", "/srv/shop/static/old.js"]),
        ("OLD.J", ["/srv/shop/static/old.js"]),
        ("static/old.j", ["/srv/shop/static/old.js"]),
        ("shop/static/", [p for p, *_ in SHOP if p.startswith("/srv/shop/static/")]),
        ("/etc/sh", ["/etc/shop.conf"]),
        ("mark:orphaned", ["/srv/shop/static/old.css", "/srv/shop/static/old.js"]),
        ("mark:o -css", ["/srv/shop/static/old.js"]),
        ("mark:s,u type:file", ["/srv/shop/cache/idx", "/srv/shop/upload.bin"]),
        ("mark:s mark:u type:f", ["/srv/shop/cache/idx", "/srv/shop/upload.bin"]),
        ("state:modified", ["/srv/shop/config.yml"]),
        ("state:mi,r", ["/srv/shop/static/logo.png", "/srv/shop/swapped"]),
        ("type:absent", ["/srv/shop/static/logo.png"]),
        ("confidence:likely", ["/srv/shop/static/old.css", "/srv/shop/static/old.js"]),
        ("next:remains js", ["/srv/shop/static/old.js"]),
        ("group:none", ["/srv/shop/upload.bin"]),
        ("-group:shop-prod", ["/srv/shop/upload.bin"]),
        ("group:prod mark:o css", ["/srv/shop/static/old.css"]),
        ("nothing-like-this", []),
        ("C:/temp", []),
    ],
)
def test_terms(line: str, wanted: list[str]) -> None:
    assert passed(shop(), line) == wanted


def test_what_is_in_a_directorys_path_is_in_the_paths_of_all_below_it() -> None:
    assert passed(shop(), "cache") == ["/srv/shop/cache", "/srv/shop/cache/idx"]


@pytest.mark.parametrize("line", ["", "   ", '""', "mark:", "old mark:"[3:]])
def test_an_empty_line_is_no_filter(line: str) -> None:
    assert not parse(line)


def test_quotes_keep_spaces_together() -> None:
    examination = examination_of([("/srv/a b.txt", 1, D, State.INTACT), ("/srv/a", 1, D, State.INTACT)])
    assert passed(examination, '"a b"') == ["/srv/a b.txt"]


@pytest.mark.parametrize("line", ["mark:x", "state:gone", "next:never", "type:socket", "-confidence:sure"])
def test_a_value_that_is_none_is_told_with_what_there_is(line: str) -> None:
    with pytest.raises(FilterError, match="there are"):
        parse(line)


def test_capitals_beyond_ascii() -> None:
    examination = examination_of([("/srv/\u00c9t\u00e9.txt", 1, D, State.INTACT), ("/srv/x", 1, D, State.INTACT)])
    assert passed(examination, "\u00e9T\u00c9") == ["/srv/\u00c9t\u00e9.txt"]


@pytest.mark.parametrize("group", ["shop", "a b", "a,b", 'quote"d', "\x1b]0;x\x07", "back\\slash", "\u202egnp", "none"])
def test_the_term_for_a_group_finds_that_group_alone(group: str) -> None:
    of = instance([group, "other", group + "-2"])
    examination = examination_of([("/srv/x", 1, D, State.INTACT), ("/srv/y", 1, U, State.NONE)], of)
    term = group_term(group)
    assert term.isprintable()
    assert passed(examination, term) == ["/srv/x"]
    assert len(parse(term).groups[0][0]) == 1


def test_marks_are_added_and_taken_away_one_by_one() -> None:
    line = toggle_mark("old", Mark.ORPHANED)
    assert line == "mark:o old"
    line = toggle_mark(line, Mark.SCRIPT_CREATED)
    assert line == "mark:s,o old"
    assert toggle_mark(toggle_mark(line, Mark.ORPHANED), Mark.SCRIPT_CREATED) == "old"


def test_all_four_marks_are_no_filter() -> None:
    line = ""
    for mark in Mark:
        line = toggle_mark(line, mark)
    assert line == ""


def test_a_refused_mark_stays_when_another_is_chosen() -> None:
    assert toggle_mark("-mark:d x", Mark.ORPHANED) == "mark:o -mark:d x"


_names = st.text(st.sampled_from("aAb\u00e9\u00c9 .\udcff"), min_size=1, max_size=4)


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    inventory = Inventory()
    for top in draw(st.lists(_names, min_size=1, max_size=3, unique=True)):
        open_rows = [inventory.append(NO_ROW, "/" + top, DIR)]
        for name, moves in draw(st.lists(st.tuples(_names, st.integers(-2, 1)), max_size=8)):
            row = inventory.append(open_rows[-1], name, DIR if moves > 0 else FILE)
            if moves > 0:
                open_rows.append(row)
            for _ in range(-moves):
                if len(open_rows) > 1:
                    inventory.close(open_rows.pop())
        while open_rows:
            inventory.close(open_rows.pop())
    return inventory


@given(inventories(), st.text(st.sampled_from("aAb\u00e9/. "), min_size=1, max_size=5).filter(lambda t: "//" not in t))
def test_matching_by_columns_is_matching_the_whole_path(inventory: Inventory, text: str) -> None:
    mask = match_text(inventory, text)
    assert list(mask) == [text.lower() in path.lower() for _, path in inventory.paths()]


def test_marks_filter_the_example() -> None:
    assert {mark for _, _, mark, _ in SHOP} == {D, S, O, U}
