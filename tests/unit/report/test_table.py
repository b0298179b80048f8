"""The table on terminals of many widths, with and without colours."""

from __future__ import annotations

import re
from array import array
from dataclasses import replace

import pytest

from tests.unit.report.examples import example, instance, rendered
from tests.unit.report.test_document import many
from tui.agent.records import Group
from tui.disk.inventory import FILE, NO_ROW, Inventory
from tui.forensics.examination import Examination

SGR = re.compile(r"\x1b\[[0-9;]*m")


def text_of(examination: Examination, width: int = 100, color: bool = False, paths: bool = False) -> str:
    return rendered(examination, "table", paths, width, color).decode("utf-8")


@pytest.mark.parametrize("width", [40, 50, 64, 79, 80, 99, 100, 120, 250])
def test_a_summary_fits_the_terminal_and_no_number_is_cut(width: int) -> None:
    examination = big_numbers()
    text = text_of(examination, width)
    assert max(map(len, text.splitlines())) <= width
    assert "\u2026" not in text
    assert "12,345" in text
    assert "1,023.9 TiB" in text.replace("\n", " ")


def big_numbers() -> Examination:
    """12,345 orphaned files, one of them larger than any disk."""
    inventory = Inventory()
    for number in range(12_345):
        inventory.append(NO_ROW, f"/srv/{number:05}", FILE)
    inventory.size[0] = int(1023.9 * 2**40)
    rows = len(inventory)
    return Examination(
        instance(), inventory, bytearray(b"\2" * rows), bytearray(rows), bytearray(rows), bytearray(rows),
        array("i", bytes(4 * rows)), array("i", bytes(4 * rows)), ["d-ABC12DEF3"], lambda row: (), lambda row: None,
    )  # fmt: skip


def test_colours_are_only_what_a_terminal_adds() -> None:
    plain, colored = text_of(example(), paths=True), text_of(example(), color=True, paths=True)
    assert "\x1b" not in plain
    assert "\x1b[" in colored
    stripped = [line.rstrip() for line in SGR.sub("", colored).splitlines()]
    assert stripped == [line.rstrip() for line in plain.splitlines()]


def test_paths_are_rows_where_asked_for_and_a_hint_where_not() -> None:
    assert "--paths lists them" in text_of(example())
    text = text_of(example(), paths=True)
    assert "--paths" not in text
    assert len(text[text.index("\nmark            state") :].strip().splitlines()) == 1 + len(example().inventory)


def test_a_long_path_is_never_cut() -> None:
    examination = many(1)
    long = "/srv/" + "x" * 3000
    examination.inventory.name_blob[:] = long.encode()
    examination.inventory.name_end[0] = examination.inventory.name_end[1] = len(long)
    assert long in text_of(examination, 80, paths=True)


def test_an_instance_with_nothing_on_it() -> None:
    text = text_of(replace(many(0), instance=replace(instance(), groups=(), processes=(), ongoing=())))
    assert "Findings: none" in text
    assert "Deployment groups: none" in text
    assert "not running" in text


def test_a_group_that_never_installed() -> None:
    text = text_of(replace(many(0), instance=replace(instance(), groups=(Group("g", None),))))
    assert "no completed Install recorded" in text
