"""Names on Windows between text and bytes: nothing is lost either way."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from tui.paths import windows_from_bytes, windows_to_bytes

pieces = st.sampled_from([0xED, 0xA0, 0x80, 0xB1, 0xB2, 0xB4, 0xBF, 0x41, 0xC3, 0xA9, 0xFF, 0xF0, 0x9F])


@given(st.binary() | st.lists(pieces).map(bytes))
@example(b"\xed\xa0\x80")
@example(b"\xed\xb2\x80")
@example(b"\xed\xa0\x80\xed\xb0\x80")
@example(b"\xed\xa0")
def test_any_bytes_come_back(raw: bytes) -> None:
    assert windows_to_bytes(windows_from_bytes(raw)) == raw


@given(st.text(st.characters(exclude_categories=())))
@example("\ud800")
@example("a\udfff\ud800b")
def test_any_name_of_ntfs_comes_back(name: str) -> None:
    # Two halves that make one character, and halves that stand for a byte, are never in the same place.
    if not re.search("[\ud800-\udbff][\udc00-\udfff]|[\udc80-\udcff]", name):
        assert windows_from_bytes(windows_to_bytes(name)) == name


def test_what_the_bytes_are() -> None:
    for name, raw in (("caf\u00e9", b"caf\xc3\xa9"), ("\udcff", b"\xff"), ("\ud800x", b"\xed\xa0\x80x"), ("", b"")):
        assert (windows_to_bytes(name), windows_from_bytes(raw)) == (raw, name)
