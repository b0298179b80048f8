"""The cleanup file, line by line as the agent takes it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support import DirectoryRoot, case_names, truth_of, whole_case
from tui.agent.cleanup import parse_cleanup, read_cleanup
from tui.agent.instance import read_instance
from tui.agent.records import CleanupFile
from tui.paths import to_bytes

from .conftest import Disk


def parsed(data: bytes) -> CleanupFile:
    return parse_cleanup(data, "/g-cleanup", 0.0)


def by_the_facts(data: bytes) -> tuple[list[tuple[int, bytes]], list[tuple[int, bytes]]]:
    """``(removals, contexts)`` as the agent's own steps give them: slow, one byte string a line."""
    lines = data.split(b"\n")
    lines.pop()  # what follows the last newline is unfinished, or nothing
    removals, contexts = [], []
    for number, line in enumerate(lines, 1):
        if line.startswith(b"semanage\0"):
            contexts.append((number, line.split(b"\0", 1)[1].strip(b" \t\n\v\f\r\0")))
        else:
            removals.append((number, line.strip(b" \t\n\v\f\r\0")))
    return removals, contexts


BLANKS = [b" ", b"\t", b"\v", b"\f", b"\0", b"\r\n", b"\x1c", "\u00a0".encode(), "\u2028".encode(), "\u0085".encode()]
NAMES = [b"/srv/a.txt", b"/srv", b"srv/b", "/ünï".encode(), b"/", b"\xff", b"semanage\0"]
PIECES = st.sampled_from([*BLANKS, *NAMES, b"\n", b"\n", b"\n"])


@given(st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=40).map(b"".join)))
@example(b"/a\n/b\v\n/c\x1c\n")
def test_agrees_with_the_rules_line_for_line(data: bytes) -> None:
    file = parsed(data)
    removals, contexts = by_the_facts(data)
    ours = list(zip(file.lines, file.paths)) + list(file.relative) + list(file.unusable)
    named = [(number, path) for number, path in removals if path]
    assert sorted((number, to_bytes(path)) for number, path in ours) == named
    assert [(number, to_bytes(path)) for number, path in file.contexts] == contexts
    assert all(path.startswith("/") for path in file.paths)
    rest = data[data.rfind(b"\n") + 1 :]
    assert (to_bytes(file.dropped[1]) if file.dropped else b"") == rest


def test_a_last_line_without_a_newline_is_dropped() -> None:
    file = parsed(b"/srv/temp\n/srv/temp/a.txt\n/srv/temp/b.t")
    assert file.paths == ["/srv/temp", "/srv/temp/a.txt"]
    assert file.dropped == (3, "/srv/temp/b.t")
    assert [(p.code, p.line) for p in file.problems] == [("cleanup-cut-off", 3)]


def test_an_empty_file_removes_nothing_and_is_no_problem() -> None:
    file = parsed(b"")
    assert (list(file.paths), file.dropped, file.problems, file.complete) == ([], None, (), True)


def test_white_space_at_the_ends_names_another_path() -> None:
    file = parsed(b"/srv/trailing \n/srv/nbsp\xc2\xa0\n\t/srv/x\0\n")
    assert file.paths == ["/srv/trailing", "/srv/nbsp\u00a0", "/srv/x"]
    assert file.altered == ((1, "/srv/trailing "), (3, "\t/srv/x\0"))


def test_a_name_with_a_newline_is_two_lines() -> None:
    file = parsed(b"/srv/new\nline\n")
    assert (file.paths, file.relative) == (["/srv/new"], ((2, "line"),))


def test_a_context_rule_removes_no_file() -> None:
    file = parsed(b"/srv/a\nsemanage\0/srv/a\n")
    assert (file.paths, file.contexts) == (["/srv/a"], ((2, "/srv/a"),))


def test_a_nul_within_a_line_stops_the_removal() -> None:
    file = parsed(b"/srv/a\n/srv/b\0c\n/srv/d\n")
    assert (file.paths, list(file.lines)) == (["/srv/a", "/srv/d"], [1, 3])
    assert file.unusable == ((2, "/srv/b\0c"),)
    assert [(p.code, p.severity) for p in file.problems] == [("cleanup-unusable-line", "critical")]


def test_bytes_that_are_not_utf8_are_kept_and_told() -> None:
    file = parsed(b"/srv/ok\n/srv/caf\xe9\n")
    assert to_bytes(file.paths[1]) == b"/srv/caf\xe9"
    assert [(p.code, p.line) for p in file.problems] == [("cleanup-not-utf8", 2)]


def test_a_long_file_keeps_order_and_line_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.agent.cleanup_lines._PIECE", 100)
    data = b"".join(b"/srv/%d%s\n" % (i, b"x" * (i % 90)) for i in range(1000))
    file = parsed(data)
    assert list(file.lines) == list(range(1, 1001))
    assert [to_bytes(path) for path in file.paths] == data.split(b"\n")[:-1]


def test_more_lines_than_fit_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.agent.cleanup_lines.MAX_LINES", 3)
    file = parsed(b"/a\n/b\n/c\n/d\n/e")
    assert (file.paths, file.complete, file.dropped) == (["/a", "/b", "/c"], False, None)
    assert [p.code for p in file.problems] == ["cleanup-incomplete"]


def test_what_is_cut_off_by_the_limit_is_not_taken_for_an_unfinished_line(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.agent.cleanup.LIMIT", 8)
    file = read_cleanup(disk.root, disk.write("/g-cleanup", b"/a/b\n/c/d\n"))
    assert file is not None
    assert (file.paths, file.complete, file.dropped, file.size) == (["/a/b"], False, None, 10)


def test_no_file_is_none_and_a_directory_is_a_problem(disk: Disk) -> None:
    assert read_cleanup(disk.root, "/g-cleanup") is None
    disk.mkdir("/g-cleanup")
    file = read_cleanup(disk.root, "/g-cleanup")
    assert file is not None
    assert (file.complete, [p.code for p in file.problems]) == (False, ["cleanup-directory"])
    assert file.fatal is not None


@pytest.mark.parametrize("name", case_names())
def test_lists_what_the_agent_wrote(name: str) -> None:
    case = whole_case(name)
    with DirectoryRoot(str(case / "sysroot")) as root:
        groups = {group.id: group.cleanup for group in read_instance(root).groups if group.cleanup}
        truth = {group: lines for group, lines in truth_of(case)["cleanup"].items() if lines is not None}
    assert groups.keys() == truth.keys()
    for group, lines in truth.items():
        written = [line.strip(" \t\n\v\f\r\0") for line in lines]
        file = groups[group]
        assert sorted([*file.paths, *(text for _, text in file.relative)]) == sorted(line for line in written if line)
