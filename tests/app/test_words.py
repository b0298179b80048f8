"""Numbers, times, sizes and names as the screens say them."""

from __future__ import annotations

import shlex
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.app.words import ago, counted, cut, exact_time, fit, mode_text, shell_word, short, shown, size, span
from tui.disk.inventory import DIR, FILE
from tui.paths import to_bytes


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.0K"),
        (2150, "2.1K"),
        (102_300, "99.9K"),
        (102_400, "100K"),
        (1024**2 - 1, "1.0M"),
        (3_000_000, "2.9M"),
        (5 * 1024**4, "5.0T"),
        (2**63 - 1, "8.0E"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text


@given(st.integers(0, 2**63 - 1))
def test_a_size_takes_at_most_six_cells(count: int) -> None:
    assert len(size(count)) <= 6


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (42, "42 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (86400, "24 h"),
        (9 * 86400, "9 days"),
        (59 * 86400, "59 days"),
        (7 * 30 * 86400, "7 months"),
        (800 * 86400, "2 years"),
    ],
)
def test_spans(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_a_time_to_come_is_not_ago() -> None:
    assert ago(1000, 900) == "in 100 s" and ago(900, 1000) == "100 s ago"


def test_exact_times() -> None:
    assert exact_time(1_790_000_000_123_456_789) == "2026-09-21 14:13:20.123 UTC"
    assert exact_time(-1) == "1969-12-31 23:59:59.999 UTC"
    assert exact_time(2**63 - 1).startswith("2262-04-11")
    assert exact_time(10**21) == "1000000000000 s since 1970"


def test_counts() -> None:
    assert [counted(1, "file"), counted(1204, "file"), counted(0, "copy", "copies")] == [
        "1 file",
        "1,204 files",
        "0 copies",
    ]
    assert [short(9999), short(12_345), short(999_600)] == ["9999", "12k", "1.0m"]


def test_modes() -> None:
    assert mode_text(FILE, 0o4755) == "-rwsr-xr-x (4755)" and mode_text(DIR, 0o1777) == "drwxrwxrwt (1777)"


@given(st.text(max_size=40), st.integers(0, 20), st.booleans())
def test_a_text_is_made_to_fit(text: str, width: int, keep_end: bool) -> None:
    text = "".join(c for c in text if c.isprintable())
    fitted = fit(text, width, keep_end)
    assert cell_len(fitted) == width
    if cell_len(text) <= width:
        assert fitted.rstrip(" ") == text.rstrip(" ")
    elif width:
        assert "\u2026" in fitted


def test_what_is_cut_keeps_its_start_or_its_end() -> None:
    assert fit("abcdefgh", 5) == "abcd\u2026" and fit("abcdefgh", 5, keep_end=True) == "\u2026efgh"
    assert fit("\U0001f600\U0001f600\U0001f600", 4) == "\U0001f600\u2026 "
    assert fit("x" * 10**6, 3) == "xx\u2026" and cut("ab", 5) == "ab" and cut("abcdef", 3) == "ab\u2026"


def test_spaces_at_the_ends_of_a_name_are_seen() -> None:
    assert shown("a b") == "a b" and shown(" a ") == "\\x20a\\x20" and shown("  ") == "\\x20\\x20" and shown("") == ""


@pytest.mark.parametrize(
    "path",
    [
        "/srv/a",
        "/srv/a b",
        "/srv/$(reboot)",
        "/srv/it's",
        "/srv/\n; rm -rf x",
        "/srv/\x1b]0;x\x07",
        "/srv/\udcff\\",
        "/srv/\u202egnp",
        "/srv/caf\u00e9",
    ],
)
def test_a_copied_path_is_safe_to_paste_and_exact(path: str) -> None:
    word = shell_word(path)
    assert word.isprintable()
    if word.startswith("$'"):
        if shutil.which("bash") is None:
            pytest.skip("there is no bash to paste it to")
        printed = subprocess.run(["bash", "-c", f"printf %s {word}"], stdout=subprocess.PIPE, check=True).stdout
        assert printed == to_bytes(path)
    else:
        assert shlex.split(word) == [path]
