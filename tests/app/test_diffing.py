"""GIVEN a file and the one in its revision WHEN they are compared THEN lines, or a plain word on why not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.app.diffing import LIMIT, MOST_LINES, Difference, difference
from tui.disk.root import Content, Denied, NotThere


class Files:
    """A Root of some contents."""

    label, kind = "files", "directory"

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def read(self, path: str, limit: int) -> Content:
        if path == "/denied":
            raise Denied(path, "permission denied\x1b[2J")
        if path not in self.files:
            raise NotThere(path, "no such file")
        return Content(self.files[path][:limit], len(self.files[path]), 0.0)


def between(before: bytes, after: bytes) -> Difference:
    return difference(Files({"/old": before, "/new": after}), "/new", "/old")  # type: ignore[arg-type]


def test_a_changed_line() -> None:
    found = between(b"a\nb\nc\n", b"a\nB\nc\n")
    assert found == Difference(("@@ -1,3 +1,3 @@", " a", "-b", "+B", " c"))


def test_a_missing_last_newline_is_told() -> None:
    assert between(b"a\n", b"a").lines == ("@@ -1 +1 @@", "-a", "+a  (no newline at the end)")


def test_carriage_returns_bytes_and_escapes_are_shown_as_such() -> None:
    found = between(b"a\n", b"a\r\n\x1b]0;pwned\x07\xff\xe2\x80\xae\n")
    assert found.lines[2:] == ("+a\\r", "+\\e]0;pwned\\x07\\xff\\u202e")


def test_the_same() -> None:
    assert between(b"a\n", b"a\n").note == "No difference: the contents are the same."


def test_no_text() -> None:
    note = between(b"\0abc", b"\0abd!").note
    assert note == "Not text: 4 bytes in the revision, 5 bytes here. They first differ in byte 4."
    assert between(b"\0ab", b"\0abd!").note.endswith("The first 3 bytes are the same.")  # type: ignore[union-attr]


def test_too_large() -> None:
    note = between(b"a" * (LIMIT + 1), b"b").note
    assert note is not None and note.startswith("Too large") and "byte 1." in note


def test_too_many_lines() -> None:
    note = between(b"a\n" * (MOST_LINES + 1), b"b\n").note
    assert note is not None and note.startswith("Too many lines")


def test_what_cannot_be_read() -> None:
    root = Files({"/old": b""})
    assert difference(root, "/gone", "/old").note == "Cannot be read: /gone: no such file"  # type: ignore[arg-type]
    assert difference(root, "/old", "/denied").note == "Cannot be read: /denied: permission denied\\e[2J"  # type: ignore[arg-type]


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_whatever_the_bytes_the_lines_are_fit_for_a_terminal(before: bytes, after: bytes) -> None:
    found = between(before, after)
    assert all(line.isprintable() for line in found.lines) and (found.lines or found.note)
