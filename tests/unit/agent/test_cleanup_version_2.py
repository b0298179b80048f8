"""The cleanup file as version 2 of the agent takes it, and what is told where the version is not known."""

from __future__ import annotations

import os
from typing import Optional

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support import posix_only
from tui.agent.cleanup import parse_cleanup, read_cleanup
from tui.agent.cleanup_lines import climbs
from tui.agent.records import CleanupFile
from tui.agent.rules import Rules
from tui.paths import from_bytes

from .conftest import Disk

PLACE = "/g-cleanup"
# What Rust's char::is_whitespace takes for white space, by number.
RUST_SPACE = {
    *range(0x9, 0xE), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
}  # fmt: skip


def parsed(data: bytes) -> CleanupFile:
    return parse_cleanup(data, PLACE, 0.0, None, 2)


def read(disk: Disk, data: bytes, version: int = 2, sure: bool = True, user: Optional[int] = None) -> CleanupFile:
    disk.path(disk.write(PLACE, data)).chmod(0o644)
    file = read_cleanup(disk.root, PLACE, Rules(disk.root, version, sure, user))
    assert file is not None
    return file


def codes(file: CleanupFile) -> list[tuple[str, str]]:
    return [(problem.code, problem.severity) for problem in file.problems]


def trimmed(text: str) -> str:
    start, end = 0, len(text)
    while start < end and ord(text[start]) in RUST_SPACE:
        start += 1
    while end > start and ord(text[end - 1]) in RUST_SPACE:
        end -= 1
    return text[start:end]


PIECES = st.sampled_from(
    [
        "/srv/a",
        "srv",
        "/",
        "..",
        "/..",
        ".",
        "\0",
        "semanage\0",
        " ",
        "\u00a0",
        "\u0085",
        "\u2028",
        "\x1c",
        "\u200b",
        "\n",
    ]
)


@given(st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=30).map(lambda parts: "".join(parts).encode())))
@example("/srv/a\u00a0\n\u3000/srv/b\n/srv/c\x1c\n".encode())
def test_agrees_with_the_rules_line_for_line(data: bytes) -> None:
    lines = from_bytes(data).split("\n")
    rest = lines.pop()
    paths, skipped, contexts = [], [], []
    for number, line in enumerate(lines, 1):
        text = trimmed(line)
        if text.startswith("semanage\0"):
            contexts.append((number, trimmed(text[9:])))
        elif "\0" in text or climbs(text):
            skipped.append((number, text))
        elif text:
            paths.append((number, text if text[0] == "/" else "/" + text))
    file = parsed(data)
    assert list(zip(file.lines, file.paths)) == paths
    assert (list(file.skipped), list(file.contexts), file.unusable) == (skipped, contexts, ())
    assert (file.dropped[1] if file.dropped else "") == rest
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        assert file.fatal is not None
    else:
        assert file.fatal is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/srv/../a", False), ("/../a", True), ("/a/../../b", True), ("../a", True), ("a/../b", False),
        ("/a..b/c", False), ("/./../a", True), ("/a/./../b", False), ("", False),
    ],
)  # fmt: skip
def test_which_paths_climb_above_where_they_start(text: str, expected: bool) -> None:
    assert climbs(text) is expected


def test_on_windows_the_drive_is_where_a_path_starts() -> None:
    assert climbs("C:\\..\\a", True) and climbs("C:/a/..\\..\\b", True)
    assert not climbs("C:\\a\\..\\b", True)


def test_white_space_that_version_1_leaves_is_stripped() -> None:
    file = parsed("/srv/nbsp\u00a0\n/srv/zero\u200b\n/srv/a\x1c\n".encode())
    assert file.paths == ["/srv/nbsp", "/srv/zero\u200b", "/srv/a\x1c"]
    assert [line for line, _ in file.altered] == [1]


def test_a_line_that_ends_in_a_slash_stays_as_it_is_and_a_relative_one_starts_at_the_top() -> None:
    file = parsed(b"/srv/app/\nsrv/b\n")
    assert (file.paths, list(file.lines), file.relative) == (["/srv/app/", "/srv/b"], [1, 2], ((2, "srv/b"),))


def test_a_line_with_a_nul_is_passed_over_and_stops_nothing() -> None:
    file = parsed(b"/srv/a\n/srv/b\0\n/../c\nsemanage\0/srv/a\n")
    assert (file.paths, file.unusable, file.contexts) == (["/srv/a"], (), ((4, "/srv/a"),))
    assert [line for line, _ in file.skipped] == [2, 3]
    assert parsed(b"/srv/a\n/../c\n").paths == ["/srv/a"]
    assert ("cleanup-skipped", "warning") in codes(file)


def test_a_last_line_without_a_newline_is_dropped() -> None:
    assert parsed(b"/srv/a\n/srv/b").dropped == (2, "/srv/b")


def test_what_is_not_utf8_fails_every_install_also_in_the_unfinished_line(disk: Disk) -> None:
    for data in (b"/srv/\xff\n", b"/srv/a\n/srv/\xc3"):
        file = read(disk, data)
        assert file.fatal is not None
        assert ("cleanup-v2-fatal", "critical") in codes(file)


@posix_only
@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_file_that_others_may_write_is_ignored(disk: Disk, mode: int) -> None:
    assert read(disk, b"/srv/a\n").ignored is None
    disk.path(PLACE).chmod(mode)
    file = read_cleanup(disk.root, PLACE, Rules(disk.root, 2))
    assert file is not None and file.ignored is not None
    assert (file.paths, codes(file)) == (["/srv/a"], [("cleanup-v2-ignores", "warning")])


def test_a_file_of_another_user_is_ignored(disk: Disk) -> None:
    owner = disk.path(disk.write("/x")).stat().st_uid
    assert read(disk, b"/srv/a\n", user=owner).ignored is None
    assert read(disk, b"/srv/a\n", user=None).ignored is None
    assert read(disk, b"/srv/a\n", user=owner + 1).ignored is not None


@posix_only
def test_a_link_is_judged_by_where_it_leads(disk: Disk) -> None:
    disk.write("/elsewhere", b"/srv/a\n")
    disk.path(PLACE).symlink_to("/elsewhere")
    disk.path("/elsewhere").chmod(0o644)
    file = read_cleanup(disk.root, PLACE, Rules(disk.root, 2))
    assert file is not None and (file.paths, file.ignored) == (["/srv/a"], None)
    disk.path("/elsewhere").chmod(0o666)
    file = read_cleanup(disk.root, PLACE, Rules(disk.root, 2))
    assert file is not None and file.ignored is not None
    disk.path("/elsewhere").unlink()
    assert read_cleanup(disk.root, PLACE, Rules(disk.root, 2)) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes in its file system")
def test_what_is_no_regular_file_is_ignored_and_not_waited_for(disk: Disk) -> None:
    os.mkfifo(disk.path(PLACE))
    file = read_cleanup(disk.root, PLACE, Rules(disk.root, 2))
    assert file is not None and file.ignored is not None
    assert (file.complete, list(file.paths)) == (False, [])


@pytest.mark.parametrize("version", [1, 2])
def test_a_directory_in_its_place_fails_every_install(disk: Disk, version: int) -> None:
    disk.mkdir(PLACE)
    file = read_cleanup(disk.root, PLACE, Rules(disk.root, version))
    assert file is not None and file.fatal is not None
    assert codes(file) == [("cleanup-directory", "critical")]


def test_where_the_version_is_known_to_be_1_nothing_is_said_of_2(disk: Disk) -> None:
    file = read(disk, "/srv/a\u00a0\n".encode(), version=1, user=disk.path(disk.write("/x")).stat().st_uid + 1)
    assert (file.ignored, codes(file)) == (None, [])


def test_where_the_version_is_not_known_what_would_differ_is_told(disk: Disk) -> None:
    other = disk.path(disk.write("/x")).stat().st_uid + 1
    file = read(disk, "/srv/plain\n/srv/a\u00a0\n".encode(), version=1, sure=False, user=other)
    assert (file.paths[1], file.ignored, file.fatal) == ("/srv/a\u00a0", None, None)
    assert codes(file) == [("cleanup-v2-ignores", "info"), ("cleanup-versions-differ", "info")]
    assert file.problems[1].line == 2
    file = read(disk, b"/srv/\xff\n", version=1, sure=False)
    assert ("cleanup-v2-fatal", "info") in codes(file) and file.fatal is None
    file = read(disk, b"/srv/a\n/srv/b\0c\n", version=1, sure=False)
    assert [p.line for p in file.problems if p.code == "cleanup-versions-differ"] == [2]
    assert codes(read(disk, b"/srv/a\n/srv/b\n", version=1, sure=False)) == []
