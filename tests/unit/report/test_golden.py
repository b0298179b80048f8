"""Every format, byte for byte, on one examination with hostile names."""

from __future__ import annotations

import pytest

from tests.unit.report.examples import GOLDEN, RENDERINGS, example, golden_bytes, rendered


@pytest.mark.parametrize("name", RENDERINGS)
def test_a_format_is_the_bytes_that_are_kept(name: str) -> None:
    assert golden_bytes(name) == (GOLDEN / name).read_bytes().replace(b"\r\n", b"\n")


def test_csv_lines_end_as_rfc_4180_says() -> None:
    data = rendered(example(), "csv")
    assert data.count(b"\r\n") == data.count(b"\n") == len(example().inventory) + 1


def test_nothing_but_csv_and_table_needs_more_than_ascii() -> None:
    for format_name in ("json", "jsonl"):
        assert rendered(example(), format_name, paths=True).isascii()


def test_a_table_in_a_small_encoding_escapes_what_it_has_not() -> None:
    data = rendered(example(), "table", paths=True, encoding="latin-1")
    assert b"e\\U0001f600" in data
    assert data.decode("latin-1").isprintable() or b"\n" in data
