"""GIVEN a finding WHEN its paths are asked for THEN all that it is about are found, and none of another's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.app.concerned import concerned, rows_of
from tui.app.filter import finding_term, match, parse
from tui.forensics.examination import Examination
from tui.forensics.marks import Finding, Severity

from .build import SHOP, instance, shop, wide, windows_shop


def passed(examination: Examination, line: str) -> list[str]:
    mask = match(examination, parse(line))
    return [path for row, path in examination.inventory.paths() if mask[row]]


@given(
    st.lists(st.sampled_from([*(path for path, *_ in SHOP), "/srv", "/srv/shop/none", "/srv/shop/app.js/x", "/", "x"]))
)
def test_rows_of_paths_are_those_that_a_search_of_each_finds(paths: list[str]) -> None:
    inventory = shop().inventory
    found = rows_of(inventory, paths)
    assert found == {path: inventory.find(path) for path in paths if inventory.find(path) is not None}


def cut_short(examination: Examination, code: str, group: str, count: int) -> Finding:
    """A finding of many paths that carries only the first of them."""
    return Finding(code, Severity.WARNING, "t", "d", "a", group, (examination.inventory.path(1),), count)


@pytest.mark.parametrize(
    ("code", "paths"),
    [
        ("orphaned-files", ["/srv/shop/static/old.css", "/srv/shop/static/old.js"]),
        ("deployed-modified", ["/srv/shop/config.yml"]),
        ("deployed-missing", ["/srv/shop/static/logo.png"]),
        ("deployed-replaced", ["/srv/shop/swapped"]),
        ("deployed-unverified", ["/srv/shop/static/main.js"]),
    ],
)
def test_a_finding_that_carries_the_first_paths_alone(code: str, paths: list[str]) -> None:
    found = shop()
    finding = replace(cut_short(found, code, "shop-prod", len(paths)), paths=())
    assert [found.inventory.path(row) for row in concerned(found, finding)] == paths
    assert concerned(found, replace(finding, group="api-prod")) == []


def test_no_more_is_said_than_is_known_where_the_count_is_another() -> None:
    found = wide(10, 30)
    finding = cut_short(found, "orphaned-files", "shop-prod", 1_000_000)
    assert concerned(found, finding) == [1]


def test_deployed_paths_behind_a_link_are_of_that_finding_alone() -> None:
    found = shop()
    row = found.inventory.find("/srv/shop/config.yml")
    assert row is not None
    found.reached_through_link = frozenset([row])
    assert concerned(found, replace(cut_short(found, "reached-through-link", "shop-prod", 1), paths=())) == [row]
    assert concerned(found, replace(cut_short(found, "deployed-modified", "shop-prod", 1), paths=())) == []


def test_the_filter_of_a_finding() -> None:
    found = shop()
    one = replace(found.findings[1], group="shop, prod")
    other = replace(found.findings[2], code="in-the-way", group="shop, prod-2")
    found = replace(found, findings=(one, other))
    assert passed(found, finding_term(one)) == ["/srv/shop/static/old.css", "/srv/shop/static/old.js"]
    assert passed(found, finding_term(other)) == ["/srv/shop/config.yml"]
    assert passed(found, "finding:in-the") == [*passed(found, finding_term(other)), *passed(found, finding_term(one))]
    assert passed(found, "finding:IN-THE-WAY css") == ["/srv/shop/static/old.css"]
    assert len(passed(found, "-finding:in-the-way")) == len(SHOP) - 3
    assert passed(found, "finding:none-such") == []
    assert not parse("finding:")


@pytest.mark.parametrize("group", ["a b", 'a"b', "\x1b[2J", "\udcff", "a,b", "\\"])
def test_a_findings_term_whatever_its_group(group: str) -> None:
    found = replace(shop(), instance=instance([group]))
    finding = replace(found.findings[1], group=group)
    other = replace(found.findings[2], code=finding.code, group="other")
    found = replace(found, findings=(finding, other))
    assert passed(found, finding_term(finding)) == list(finding.paths)


@pytest.mark.parametrize(
    "line",
    [r"C:\Program", r"c:\program files\shop\app"[:10], "c:/PROGRAM", r'"Program Files\shop\app"', r"files\\shop\app"],
)
def test_on_windows_both_slashes_are_the_same_and_letter_case_is_none(line: str) -> None:
    assert "/C:/Program Files/Shop/App.config" in passed(windows_shop(), line)
    assert passed(windows_shop(), r"d:\reports\o") == ["/D:/Reports/old.txt"]


def test_elsewhere_a_backslash_is_a_character_of_a_name() -> None:
    assert passed(shop(), r"srv\shop") == []
