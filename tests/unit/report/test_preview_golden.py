"""Every format of a preview, byte for byte, on one with hostile names."""

from __future__ import annotations

import pytest

from tests.unit.report.examples import GOLDEN
from tests.unit.report.preview_examples import RENDERINGS, chain, golden_bytes, rendered


@pytest.mark.parametrize("name", RENDERINGS)
def test_a_format_is_the_bytes_that_are_kept(name: str) -> None:
    assert golden_bytes(name) == (GOLDEN / name).read_bytes().replace(b"\r\n", b"\n")


def test_csv_lines_end_as_rfc_4180_says() -> None:
    data = rendered(chain(), "csv")
    assert data.count(b"\r\n") == data.count(b"\n") == len(rendered(chain(), "jsonl").splitlines()) + 1


@pytest.mark.parametrize("format_name", ["json", "jsonl"])
def test_json_needs_no_more_than_ascii(format_name: str) -> None:
    assert rendered(chain(), format_name).isascii()
