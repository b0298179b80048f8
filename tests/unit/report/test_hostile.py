"""No name, however odd, reaches a terminal raw, breaks a format or becomes a formula."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import unicodedata
from array import array
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import example as always
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import examples
from tests.unit.report.examples import example, instance, rendered
from tui.agent.records import Group
from tui.disk.inventory import FILE, NO_ROW, Inventory
from tui.forensics.examination import Examination
from tui.forensics.marks import Evidence, Finding, Severity
from tui.paths import from_bytes, to_bytes

NASTY = [
    *(b"\x1b[2J", b"\x9b1m", b"\xff", b"\n", b"\r", b"\t", b"\x7f", b"[/x]", b":smile:", b"{}", b"%s", b"\\"),
    *(b"=1+1", b"-x", b"@x", b'"', b",", b";"),
    *(text.encode() for text in ("\u202e", "\u0085", "\u2028", "\U0001f600")),
]
names = st.lists(st.one_of(st.sampled_from(NASTY), st.binary(max_size=4)), min_size=1, max_size=5).map(
    lambda parts: from_bytes(b"".join(parts).replace(b"/", b"_").replace(b"\0", b"_") or b"x")
)
# Lines of a report end in LF, in CSV in CR LF; apart from those, nothing that moves a cursor or hides text.
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def of_names(found: Sequence[str]) -> Examination:
    """An examination in which every text of the instance is one of ``found``."""
    inventory = Inventory()
    for name in found:
        inventory.append(NO_ROW, "/" + name, FILE)
    rows = len(found)
    base = instance()
    first = found[0]
    groups = tuple(Group(name, None) for name in found)
    inst = replace(base, label=first, hostname=first, groups=groups, version=replace(base.version, text=first))
    findings = (Finding("code", Severity.WARNING, first, first, first, first, tuple(found), 0, first),)
    return Examination(
        inst, inventory, bytearray(rows), bytearray(rows), bytearray(rows), bytearray(rows),
        array("i", range(rows)), array("i", range(rows)), list(found),
        lambda row: (Evidence("kind", found[row], found[row]),), lambda row: None, findings,
    )  # fmt: skip


examinations = st.lists(names, min_size=1, max_size=4).map(of_names)
all_nasty = of_names([from_bytes(name.replace(b"/", b"_")) for name in NASTY])


@settings(max_examples=examples(60), deadline=None)
@given(examinations, st.integers(20, 140))
@always(all_nasty, 80)
def test_a_table_has_no_raw_control_character_at_any_width(examination: Examination, width: int) -> None:
    text = rendered(examination, "table", paths=True, width=width).decode("utf-8")
    assert RAW.search(text) is None


@settings(max_examples=examples(60), deadline=None)
@given(examinations)
@always(all_nasty)
def test_csv_is_read_back_cell_for_cell(examination: Examination) -> None:
    text = rendered(examination, "csv").decode("utf-8")
    assert RAW.search(text.replace("\r\n", "\n")) is None
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == len(examination.inventory) + 1
    assert all(len(row) == 11 for row in rows)
    for row, cells in enumerate(rows[1:]):
        assert unescaped(cells[0]) == examination.inventory.path(row)
        assert unescaped(cells[5]) == examination.instance.groups[row].id
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


ESCAPE = re.compile(r"\\(?:x(?P<byte>..)|u(?P<short>....)|U(?P<long>.{8})|(?P<named>.))", re.DOTALL)
NAMED = {"e": b"\x1b", "n": b"\n", "r": b"\r", "t": b"\t", "\\": b"\\"}


def unescaped(cell: str) -> str:
    """The name that a cell tells: a byte for ``\\xNN``, else a character."""
    raw, last = b"", 0
    for match in ESCAPE.finditer(cell):
        raw += cell[last : match.start()].encode()
        if match["byte"]:
            raw += bytes([int(match["byte"], 16)])
        else:
            raw += NAMED[match["named"]] if match["named"] else chr(int(match["short"] or match["long"], 16)).encode()
        last = match.end()
    return from_bytes(raw + cell[last:].encode())


@settings(max_examples=examples(60), deadline=None)
@given(examinations)
@always(all_nasty)
def test_json_holds_every_name_exactly(examination: Examination) -> None:
    for row, line in enumerate(rendered(examination, "jsonl").splitlines()):
        item = json.loads(line)
        for name, expected in (
            ("path", examination.inventory.path(row)),
            ("group", examination.instance.groups[row].id),
        ):
            raw = base64.b64decode(item[name + "_b64"]) if name + "_b64" in item else item[name].encode()
            assert raw == to_bytes(expected)
    whole = json.loads(rendered(examination, "json", paths=True))
    assert len(whole["paths"]) == len(examination.inventory)
    assert not any(unicodedata.category(character) == "Cs" for character in json.dumps(whole, ensure_ascii=False))


@pytest.mark.parametrize(
    ("name", "cell"), [("=cmd", "\\x3dcmd"), ("+1", "\\x2b1"), ("-1", "\\x2d1"), ("@x", "\\x40x"), ("a=b", "a=b")]
)
def test_a_cell_is_no_formula(name: str, cell: str) -> None:
    _, row = csv.reader(io.StringIO(rendered(of_names([name]), "csv").decode(), newline=""))
    assert row[5] == cell


def test_markup_is_text() -> None:
    text = rendered(example(), "table", paths=True).decode()
    assert "/srv/shop/[red]x[/red]" in text
    assert "[b]x[/b]" in text
