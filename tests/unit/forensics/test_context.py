"""The lines around a source, on real files: GIVEN any bytes THEN the right lines, bounded, and never an error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tui.forensics.context as module
from tests.support import DirectoryRoot, can_be_named, examples
from tui.forensics.context import BLOCK, LINE_LIMIT, Context, lines_around, place_of
from tui.paths import to_bytes


@pytest.fixture
def root(tmp_path: Path) -> Iterator[DirectoryRoot]:
    with DirectoryRoot(str(tmp_path), "test") as opened:
        yield opened


def numbers(context: Context) -> list[int]:
    return [line.number for line in context.lines]


def test_the_lines_around_one(root: DirectoryRoot, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"".join(b"line %d\n" % n for n in range(1, 31)))
    context = lines_around(root, "/log", 20, 3, 2)
    assert numbers(context) == [17, 18, 19, 20, 21, 22] and context.note is None
    assert context.lines[3].text == "line 20"
    assert numbers(lines_around(root, "/log", 2, 3, 2)) == [1, 2, 3, 4]
    assert numbers(lines_around(root, "/log", 30, 1, 5)) == [29, 30]
    assert numbers(lines_around(root, "/log", None, 2, 2)) == [1, 2, 3, 4, 5]


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from([b"\n", b"\n\n", b"a", b"\r", b"\xff", b"\0", b"bc", b"\xe2\x80\xa8"]), max_size=40),
    st.integers(1, 30), st.integers(0, 4), st.integers(0, 4), st.integers(1, 7),
)  # fmt: skip
def test_any_bytes_whatever_the_size_of_a_block(
    root: DirectoryRoot, tmp_path: Path, parts: list[bytes], line: int, before: int, after: int, block: int
) -> None:
    data = b"".join(parts)
    (tmp_path / "any").write_bytes(data)
    whole = data.split(b"\n")
    count = len(whole) if whole[-1] else len(whole) - 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        context = lines_around(root, "/any", line, before, after)
    expected = range(max(1, line - before), min(count, line + after) + 1)
    assert [(found.number, to_bytes(found.text)) for found in context.lines] == [(n, whole[n - 1]) for n in expected]
    assert [found.unended for found in context.lines if found.unended] == (
        [True] if whole[-1] and count in expected else []
    )
    if not data:
        assert context.note == "The file is empty."
    elif line > count:
        assert context.note == f"The file has no line {line} now: it ends after line {count}."
    else:
        assert context.note is None


def test_a_line_far_down_a_large_log_is_found_without_holding_it(root: DirectoryRoot, tmp_path: Path) -> None:
    wanted = 3 * BLOCK // 4
    (tmp_path / "log").write_bytes(b"\n" * (wanted - 1) + b"here\n" + b"x" * (2 * BLOCK) + b"\nafter\n")
    context = lines_around(root, "/log", wanted, 1, 2)
    assert [(line.number, line.text[:5], line.cut) for line in context.lines] == [
        (wanted - 1, "", False), (wanted, "here", False), (wanted + 1, "xxxxx", True), (wanted + 2, "after", False),
    ]  # fmt: skip
    assert len(context.lines[2].text) == LINE_LIMIT


def test_a_file_larger_than_is_looked_through(
    root: DirectoryRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log").write_bytes(b"line\n" * 100)
    monkeypatch.setattr(module, "LIMIT", 50)
    note = lines_around(root, "/log", 90).note
    assert note is not None and "beyond the first 50 bytes" in note


def test_what_cannot_be_read_is_a_note(root: DirectoryRoot, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "binary").write_bytes(b"\x7fELF\0\1\n")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    else:
        (tmp_path / "pipe").mkdir()
    assert lines_around(root, "/gone", 3).note == "The file is not there any more."
    assert lines_around(root, "/empty", None).note == "The file is empty."
    assert lines_around(root, "/binary", None).note == "It is not text."
    for path in ("/", "/pipe"):
        assert (lines_around(root, path, 1).note or "").startswith("It cannot be read: ")
    for path in ("relative", "/nul\0"):
        assert lines_around(root, path, 1).note == "That cannot be the path of a file."


def test_it_stops_when_it_is_told_to(root: DirectoryRoot, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"line\n" * 100)
    context = lines_around(root, "/log", 50, cancelled=lambda: True)
    assert context.lines == () and context.note == "The reading was stopped."


@pytest.mark.skipif(not can_be_named("odd:3"), reason="this system has no names with a colon")
def test_the_file_and_the_line_of_a_source(root: DirectoryRoot, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    for name in ("log", "odd:3", "both", "both:7"):
        (tmp_path / "d" / name).write_bytes(b"")
    for source, expected in {
        "d/log:12": ("/d/log", 12), "d/log": ("/d/log", None), "d/odd:3": ("/d/odd:3", None),
        "d/odd:3:4": ("/d/odd:3", 4), "d/both:7": ("/d/both", 7), "d/gone:7": ("/d/gone", 7),
        "C:/ProgramData/x.yml:3": ("/C:/ProgramData/x.yml", 3), "C:/x": ("/C:/x", None),
        "d/log:1234567890": ("/d/log:1234567890", None), "d/log:\u0663": ("/d/log:\u0663", None), ":3": ("/", 3),
    }.items():  # fmt: skip
        assert place_of(root, source) == expected, source
