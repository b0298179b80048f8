"""GIVEN a verdict WHEN it is listed THEN its sections come in their order, filtered as they would be one by one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.app.lookup import Lookup
from tui.app.preview_effects import again, idle, overwritten_alike, taken
from tui.app.preview_rows import PreviewRows
from tui.app.preview_sections import (
    ADDED,
    CHANGED,
    IN_THE_WAY,
    LOST,
    NOTES,
    REMAINS,
    REMOVED,
    SECTIONS,
    SECTIONS_OF_ALL,
    Part,
    Row,
    Section,
    lists_of,
    parts_of,
)
from tui.forensics.marks import Confidence, Mark
from tui.preview.records import (
    Action,
    AttributeChange,
    Behavior,
    CleanupLine,
    Collision,
    Effects,
    Lost,
    MadeBy,
    Phase,
    Preview,
    Remaining,
    ScriptToRun,
    Stays,
    Verdict,
)

from .build import shop, windows_shop

BY = MadeBy(Mark.ORPHANED, Confidence.LIKELY, "shop-prod", "d-OLD00QRS4", "left by d-OLD00QRS4")
FULL = Verdict(
    group="shop-prod",
    revision="d-ABC12DEF3",
    behavior=Behavior.DISALLOW,
    behavior_from="default",
    version=1,
    collisions=[Collision("/srv/shop/static/old.js", Phase.INSTRUCTIONS, "exists", BY, "move it away", "/real/old.js")],
    cleanup=[
        CleanupLine("/srv/shop/gone", Action.ABSENT, 4),
        CleanupLine("/srv/shop/same/", Action.REMOVED, 3),
        CleanupLine("/srv/shop/app.js", Action.REMOVED, 2),
        CleanupLine("/srv/link/x", Action.REMOVED, 1, "/srv/shop/x"),
    ],
    effects=Effects(["/srv/shop/app.js"], ["/srv/shop/new.js"], ["/srv/shop/x", "/srv/shop/z"], []),
    possibly=Effects(["/p/r"], ["/p/a"], ["/p/c"], ["/p/m"]),
    overwritten=["/srv/shop/alike", "/srv/shop/z", "/srv/link/away"],
    written_through=[("/srv/link/away", "/elsewhere")],
    lost=[Lost("/srv/shop/config.yml", "modified", 2150, BY)],
    remains=[Remaining("/srv/shop/cache/idx", Stays.NOT_LISTED), Remaining("/srv/shop/d", Stays.NOT_EMPTY, "of x")],
    attributes=[AttributeChange("/srv/shop/run", (0o644, 0o755), (0, 33), (0, 7), "/srv/link/run")],
    scripts=[ScriptToRun("AfterInstall", "s.sh", "d-ABC12DEF3", "/x/s.sh", False, None, "www", "it is not there")],
    pruned=["d-PRU"],
    notes=["a note"],
    guide=["the guide says"],
)


def words(rows: PreviewRows) -> list[tuple[str, str]]:
    return [(rows.row(at).word, rows.row(at).text) for at in range(len(rows))]


def test_all_of_a_verdict_in_its_order() -> None:
    rows = PreviewRows(parts_of(FULL, Lookup(shop())))
    assert words(rows) == [
        ("in the way", "/srv/shop/static/old.js"),
        ("is lost", "/srv/shop/config.yml"),
        ("may be removed", "/p/r"),
        ("may be changed", "/p/c"),
        ("may be added", "/p/a"),
        ("mode or owner", "/p/m"),
        ("will be removed", "/srv/shop/app.js"),
        ("will remain", "/srv/shop/cache/idx"),
        ("will remain", "/srv/shop/d"),
        ("will be changed", "/srv/shop/x"),
        ("overwritten", "/srv/shop/z"),
        ("overwritten", "/srv/shop/alike"),
        ("written through", "/srv/link/away"),
        ("will be added", "/srv/shop/new.js"),
        ("mode or owner", "/srv/shop/run"),
        ("is put back", "/srv/shop/same/"),
        ("is not removed", "/srv/shop/gone"),
        ("script missing", "AfterInstall s.sh"),
        ("pruned", "d-PRU: its revision goes at the download"),
        ("note", "a note"),
        ("AWS guide", "the guide says"),
    ]
    counts = rows.counts()
    assert list(counts) == list(SECTIONS) and sum(counts.values()) == len(rows) == rows.total
    assert counts[IN_THE_WAY] == 1 and counts[CHANGED] == 4 and counts[NOTES] == 3
    assert (taken(FULL), again(FULL), [line.line for line in idle(FULL)]) == (3, ["/srv/shop/same/"], [4])
    assert overwritten_alike(FULL) == ["/srv/shop/alike"]


def test_what_a_line_says() -> None:
    rows = PreviewRows(parts_of(FULL, Lookup(shop())))
    by_text = {rows.row(at).text: rows.row(at) for at in range(len(rows))}
    collision = by_text["/srv/shop/static/old.js"]
    assert (collision.path, collision.said, collision.advice) == (
        "/real/old.js",
        "orphaned: left by d-OLD00QRS4",
        "move it away",
    )
    assert by_text["/srv/shop/config.yml"].right == "2.1K"
    assert by_text["/srv/shop/cache/idx"].said == "not listed, script-created"
    assert by_text["/srv/shop/d"].said == "directory not empty: of x"
    assert by_text["/srv/shop/run"].said == (
        "mode 0644 \u2192 0755, owner root \u2192 www-data, group root \u2192 7, through /srv/link/run"
    )
    assert by_text["/srv/link/away"].path == "/elsewhere"
    assert by_text["AfterInstall s.sh"].said == "from d-ABC12DEF3, as www: it is not there"
    assert by_text["/srv/shop/gone"].said == "line 4: absent" and by_text["a note"].path is None


def test_of_a_chain_there_are_the_steps_and_the_whole() -> None:
    preview = Preview([FULL, FULL], Effects(["/a"], ["/b"], ["/c"], ["/d"]), Effects(["/e"]), FULL.lost)
    lists = lists_of(preview, Lookup(shop()))
    assert set(lists.parts) == {(0, Behavior.DISALLOW), (1, Behavior.DISALLOW), (None, Behavior.DISALLOW)}
    whole = PreviewRows(lists.parts[None, Behavior.DISALLOW], SECTIONS_OF_ALL)
    assert [text for _, text in words(whole)] == ["/srv/shop/config.yml", "/e", "/a", "/c", "/b", "/d"]
    assert list(whole.counts()) == list(SECTIONS_OF_ALL)


def _part(section: Section, texts: Sequence[str]) -> Part:
    return Part(section, texts, lambda text: Row(section, section.label, text, text), str)


PARTS = st.lists(st.lists(st.text("ab/C", max_size=4), min_size=1, max_size=6), min_size=4, max_size=4)
TERMS = st.lists(st.tuples(st.text("abc/", min_size=1, max_size=2), st.booleans()), max_size=3).map(tuple)


@given(PARTS, st.frozensets(st.sampled_from([LOST, REMOVED, REMAINS, ADDED])), TERMS)
def test_filtered_as_one_by_one(
    texts: list[list[str]], only: frozenset[Section], terms: tuple[tuple[str, bool], ...]
) -> None:
    sections = (LOST, REMOVED, REMAINS, ADDED)
    rows = PreviewRows([_part(section, part) for section, part in zip(sections, texts)])
    rows.show(only, terms)
    wanted = [
        (section.label, text)
        for section, part in zip(sections, texts)
        if not only or section in only
        for text in part
        if all((term in text.lower()) != negated for term, negated in terms)
    ]
    assert words(rows) == wanted
    seen = [rows.section(at) for at in range(len(rows))]
    for at, section in enumerate(seen):
        others = [k for k in range(at, len(rows)) if seen[k] != section]
        assert rows.next_section(at, 1) == (others[0] if others else at)
        first = seen.index(section)
        assert rows.next_section(at, -1) == (first if at > first or first == 0 else seen.index(seen[first - 1]))
        number = rows.number(at)
        assert number is not None and rows.nearest(number) == at
        found = rows.find(rows.row(at))
        assert found is not None and words(rows)[found] == words(rows)[at]
    assert rows.number(len(rows)) is None and rows.nearest(None) == 0
    assert rows.find(Row(LOST, "", "not there")) is None


def test_a_line_that_is_filtered_away_gives_its_place_to_the_next() -> None:
    rows = PreviewRows([_part(REMOVED, ["a", "b", "c"])])
    rows.show(frozenset(), (("b", True),))
    assert rows.nearest(1) == 1 and rows.row(1).text == "c"
    rows.show(frozenset(), (("a", False),))
    assert rows.nearest(2) == 0
    assert rows.find(Row(LOST, "", "a")) == 0 and rows.find(Row(REMOVED, "", "b")) is None


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ("/srv/shop", Mark.DEPLOYED), ("/srv/shop/", Mark.DEPLOYED), ("/srv/shop/cache/idx", Mark.SCRIPT_CREATED),
        ("/etc/shop.conf", Mark.DEPLOYED), ("/srv", None), ("/", None), ("/srv/shop/CACHE", None),
        ("/srv/shop/no/x", None),
    ],
)  # fmt: skip
def test_rows_by_path(path: str, mark: Mark | None) -> None:
    lookup = Lookup(shop())
    assert [lookup.mark(path), lookup.mark(path)] == [mark, mark]


def test_on_windows_the_letter_case_does_not_matter() -> None:
    lookup = Lookup(windows_shop())
    assert lookup.row("/C:/program files/SHOP/app.CONFIG") == 1 and lookup.row("/D:/reports/old.TXT") == 5
