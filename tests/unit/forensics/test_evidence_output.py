"""Paths in script output: found, told apart by what the words say, and bounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tui.forensics.evidence.script_output as module
from tests.support import can_link, examples, posix_only
from tui.agent.deployments_log import read_deployments_logs
from tui.agent.records import Instance
from tui.agent.scripts_log import read_scripts_log
from tui.forensics.evidence.output_tables import Table
from tui.forensics.evidence.output_words import Says, said_of, spots
from tui.forensics.evidence.script_output import OutputPaths, output_evidence
from tui.forensics.marks import Mark

from .evidence_disk import EvidenceDisk, evidence_disk, windows_instance
from .instances import ROOT_DIR, deployment_of, group_of, instance_with

STAMP = "2026-11-23 06:07:36 "


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[EvidenceDisk]:
    with evidence_disk(tmp_path) as made:
        yield made


def scripts_log(
    disk: EvidenceDisk, lines: Sequence[str], deployment_id: str = "d-AAAAAAAA1", mtime: float = 0.0
) -> str:
    path = f"{ROOT_DIR}/g/{deployment_id}/logs/scripts.log"
    head = [f"{STAMP}LifecycleEvent - AfterInstall", f"{STAMP}Script - scripts/a.sh"]
    text = "".join(f"{line}\n" for line in [*head, *(f"{STAMP}[stdout]{line}" for line in lines)])
    return disk.write(path, text, mtime or None)


def instance_of(disk: EvidenceDisk, *ids: str, windows: bool = False) -> Instance:
    deployments = [
        deployment_of(i, "g", log=read_scripts_log(disk.root, f"{ROOT_DIR}/g/{i}/logs/scripts.log", i)) for i in ids
    ]
    made = windows_instance if windows else instance_with
    instance = made(groups=(group_of("g", *deployments),))
    return made(groups=instance.groups, logs=read_deployments_logs(disk.root, instance.layout))


def said(line: str, windows: bool = False) -> dict[str, str]:
    """What is said of the paths of a line, less the line as a whole, which may be one name."""
    raw = line.encode()
    return {
        spot.candidates[-1].decode(): said_of(raw, spot).name
        for spot in spots(raw, windows)
        if spot.candidates[0] != raw.strip() or b" " not in raw.strip()
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mkdir: created directory '/srv/a b'", {"/srv/a b": "MADE"}),
        ("mkdir: created directory \u2018/srv/a\u2019", {"/srv/a": "MADE"}),
        ("Writing configuration to /srv/app.conf...", {"/srv/app.conf": "MADE"}),
        ("wrote /srv/a, then slept", {"/srv/a": "MADE"}),
        ("/srv/a was created", {"/srv/a": "MADE"}),
        ("'/srv/a' created", {"/srv/a": "MADE"}),
        ("  inflating: /srv/x/y.txt  ", {"/srv/x/y.txt": "MADE"}),
        ("x /srv/x/y.txt", {"/srv/x/y.txt": "MADE"}),
        ("Copying /srv/a to /srv/b", {"/srv/a": "NAMED", "/srv/b": "MADE"}),
        ("Saving to: '/srv/a.zip'", {"/srv/a.zip": "MADE"}),
        ("renamed '/srv/a' -> '/srv/b'", {"/srv/a": "REMOVED", "/srv/b": "MADE"}),
        ("removed '/srv/a'", {"/srv/a": "REMOVED"}),
        ("removed directory: `/srv/a'", {"/srv/a": "REMOVED"}),
        ("cp: cannot create regular file '/srv/a': Permission denied", {"/srv/a": "COMPLAINS"}),
        ("cat: /srv/a: No such file or directory", {"/srv/a": "COMPLAINS"}),
        ("/srv/a: not found", {"/srv/a": "COMPLAINS"}),
        ("would create /srv/a", {"/srv/a": "NAMED"}),
        ("/srv/a already created", {"/srv/a": "NAMED"}),
        ("skipping, not writing /srv/a", {"/srv/a": "NAMED"}),
        ("created. See /srv/a", {"/srv/a": "NAMED"}),
        ("DIR=/srv/a", {"/srv/a": "NAMED"}),
        ("see http://host/srv/a and host/srv/b ~/srv/c //srv/d", {}),
        ("-rw-r--r-- 1 root root 0 Nov 24 02:34 /srv/a", {"/srv/a": "NAMED"}),
    ],
)
def test_what_the_words_say(line: str, expected: dict[str, str]) -> None:
    assert said(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Created C:\\inetpub\\a.txt.", {"C:\\inetpub\\a.txt": "MADE"}),
        ("Writing c:/temp/a.txt", {"c:/temp/a.txt": "MADE"}),
        ("Deleted file - C:\\temp\\a.txt", {"C:\\temp\\a.txt": "REMOVED"}),
        ("Get-Item : Cannot find path 'C:\\temp\\a b' because it does not exist.", {"C:\\temp\\a b": "COMPLAINS"}),
        ("/srv/a and xC:\\no and \\\\host\\share", {}),
    ],
)
def test_drive_paths(line: str, expected: dict[str, str]) -> None:
    assert said(line, windows=True) == expected


def test_a_line_of_output_with_its_run(disk: EvidenceDisk) -> None:
    path = scripts_log(disk, ["hello", "mkdir: created directory '/srv/shop/cache'", "\x1b[32m/srv/shop/x y\x1b[0m"])
    found = OutputPaths(disk.root, instance_of(disk, "d-AAAAAAAA1"), lambda p: p.startswith("/srv/shop/"))
    named = found.of("/srv/shop/cache")
    assert named is not None and (named.log, named.line, named.says, named.group) == (path, 4, Says.MADE, 0)
    assert named.run is not None and (named.run.event, named.run.location) == ("AfterInstall", "scripts/a.sh")
    evidence = output_evidence(named)
    assert evidence.detail == "the output of a.sh (AfterInstall of d-AAAAAAAA1) says that it made it"
    assert evidence.source == f"{path[1:]}:4" and evidence.for_mark == Mark.SCRIPT_CREATED
    spaced = found.of("/srv/shop/x y")
    assert spaced is not None and spaced.says == Says.NAMED and output_evidence(spaced).for_mark is None
    assert found.of("/srv/shop/x") is not None  # either may be meant
    assert found.problems == []


def test_only_wanted_paths_are_kept_and_a_sentences_end_is_no_part_of_one(disk: EvidenceDisk) -> None:
    scripts_log(disk, ["created /srv/a.", "created /srv/b:", "created /srv/other"])
    found = OutputPaths(disk.root, instance_of(disk, "d-AAAAAAAA1"), {"/srv/a", "/srv/b:"}.__contains__)
    assert len(found) == 2 and found.of("/srv/a") is not None and found.of("/srv/b:") is not None


@pytest.mark.parametrize("line", ["/srv/a b", "see '/srv/a b'", "  /srv/a b  ", "see \u2018/srv/a b\u2019"])
def test_a_name_with_a_space(disk: EvidenceDisk, line: str) -> None:
    scripts_log(disk, [line])
    found = OutputPaths(disk.root, instance_of(disk, "d-AAAAAAAA1"), {"/srv/a b"}.__contains__)
    assert found.of("/srv/a b") is not None


def test_the_strongest_word_counts_and_of_equal_ones_the_last(disk: EvidenceDisk) -> None:
    old = scripts_log(disk, ["created /srv/a", "/srv/b", "/srv/c"], "d-AAAAAAAA1", 1000.0)
    new = scripts_log(disk, ["/srv/a", "/srv/b", "removed '/srv/b'", "/srv/c", "/srv/c"], "d-AAAAAAAA2", 2000.0)
    found = OutputPaths(disk.root, instance_of(disk, "d-AAAAAAAA1", "d-AAAAAAAA2"), lambda p: True)
    a, b = found.of("/srv/a"), found.of("/srv/b")
    assert a is not None and (a.log, a.says) == (old, Says.MADE)
    assert b is not None and (b.log, b.says, b.line) == (new, Says.REMOVED, 5)
    c = found.of("/srv/c")
    assert c is not None and (c.log, c.line) == (new, 7)


@pytest.mark.skipif(not can_link(), reason="symbolic links cannot be made here")
def test_an_arrow_is_a_copy_unless_what_it_leads_from_is_a_link(disk: EvidenceDisk) -> None:
    disk.write("/srv/file")
    disk.path("/srv/link").symlink_to("/srv/file")
    scripts_log(disk, ["'/srv/file' -> '/srv/copy'", "'/srv/link' -> '/srv/file'"])
    found = OutputPaths(disk.root, instance_of(disk, "d-AAAAAAAA1"), lambda p: True)
    assert {path: found.of(path).says for path in ("/srv/copy", "/srv/link", "/srv/file")} == {  # type: ignore[union-attr]
        "/srv/copy": Says.MADE,
        "/srv/link": Says.MADE,
        "/srv/file": Says.NAMED,
    }


def test_the_deployments_log_tells_of_deployments_that_are_gone(disk: EvidenceDisk) -> None:
    path = f"{ROOT_DIR}/deployment-logs/codedeploy-agent-deployments.log"
    at = "[2026-11-23 06:07:36.710] [d-GONE00001]"
    head = "# Logfile created on 2026-05-04 07:30:00 +0000 by logger.rb/v1.5.0\n"
    tail = f"{at}[stdout]created /srv/d\n"
    disk.write(
        path + ".0", f"{head}{at}LifecycleEvent - BeforeInstall\n{at}Script - b.sh\n{at}[stdout]created /srv/c\n"
    )
    disk.write(path, head + tail)
    found = OutputPaths(disk.root, instance_of(disk), lambda p: True)
    c, d = found.of("/srv/c"), found.of("/srv/d")
    assert c is not None and (c.log, c.line, c.group) == (path + ".0", 4, None)
    assert c.run is not None and c.run.event == "BeforeInstall"
    assert d is not None and d.line == 2 and d.run == c.run  # it began in the older part


def test_a_log_whose_deployments_have_their_own_is_not_read_twice(disk: EvidenceDisk) -> None:
    scripts_log(disk, ["created /srv/a"])
    path = f"{ROOT_DIR}/deployment-logs/codedeploy-agent-deployments.log"
    at = "[2026-11-23 06:07:36.710] [d-AAAAAAAA1]"
    disk.write(path, f"{at}LifecycleEvent - AfterInstall\n{at}Script - a.sh\n{at}[stdout]created /srv/a\n")
    found = OutputPaths(disk.root, instance_of(disk, "d-AAAAAAAA1"), lambda p: True)
    named = found.of("/srv/a")
    assert named is not None and named.log.endswith("scripts.log")


def test_only_the_newest_bytes_are_read_and_the_rest_is_told_of(disk: EvidenceDisk) -> None:
    old = scripts_log(disk, ["created /srv/old"], "d-AAAAAAAA1", 1000.0)
    new = scripts_log(disk, ["created /srv/first", *["x" * 60] * 50, "created /srv/last"], "d-AAAAAAAA2", 2000.0)
    found = OutputPaths(disk.root, instance_of(disk, "d-AAAAAAAA1", "d-AAAAAAAA2"), lambda p: True, limit=1000)
    assert found.of("/srv/old") is None and found.of("/srv/first") is None
    last = found.of("/srv/last")
    assert last is not None and last.line == 54 and last.run is not None
    assert [(problem.code, problem.path) for problem in found.problems] == [
        ("output-not-read", new),
        ("output-not-read", old),
    ]


def test_no_more_paths_are_kept_than_fit(disk: EvidenceDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PATHS", 10)
    monkeypatch.setattr(module, "_BLOCK", 64)
    scripts_log(disk, [f"/srv/{i}" for i in range(50)])
    scripts_log(disk, [f"/opt/{i}" for i in range(50)], "d-AAAAAAAA2")
    found = OutputPaths(disk.root, instance_of(disk, "d-AAAAAAAA1", "d-AAAAAAAA2"), lambda p: True)
    assert len(found) <= 12 and {problem.code for problem in found.problems} == {"output-not-read"}


def test_a_cancelled_search_ends(disk: EvidenceDisk) -> None:
    scripts_log(disk, ["created /srv/a"])
    found = OutputPaths(disk.root, instance_of(disk, "d-AAAAAAAA1"), lambda p: True, cancelled=lambda: True)
    assert len(found) == 0


def test_windows_paths_are_taken_in_the_spelling_of_the_disk(tmp_path: Path) -> None:
    with evidence_disk(tmp_path, windows=True) as disk:
        disk.path("/inetpub/Shop").mkdir(parents=True)
        lines = ["Created c:/INETPUB/shop/New.txt", "", "    Directory: C:\\inetpub\\shop", "", "", "Mode  Name"]
        lines += ["d-----        11/23/2026   6:06 AM                logs"]
        lines += ["-a----        11/23/2026   6:07 AM             12 a b.txt"]
        lines += ["-a----        11/22/2026   1:00 PM             12 old.txt"]
        base = "/opt/codedeploy-agent/deployment-root/g/d-AAAAAAAA1/logs/scripts.log"
        scripts_log(disk, lines)
        log = read_scripts_log(disk.root, "/C:" + base, "d-AAAAAAAA1")
        assert log is not None
        instance = windows_instance(groups=(group_of("g", deployment_of("d-AAAAAAAA1", "g", log=log)),))
        found = OutputPaths(disk.root, instance, lambda path: path.startswith("/C:/inetpub/Shop"))
        told = {name: found.of(f"/C:/inetpub/Shop/{name}") for name in ("New.txt", "logs", "a b.txt", "old.txt")}
        assert {name: named.says.name for name, named in told.items() if named is not None} == {
            "New.txt": "MADE", "logs": "MADE", "a b.txt": "MADE", "old.txt": "NAMED",
        }  # fmt: skip


def test_a_tables_directory_that_goes_on_in_the_next_line() -> None:
    table = Table()
    assert table.take(b"    Directory: C:\\a\\very", b"06:07") is None
    assert table.take(b"    long name", b"06:07") is None
    assert table.take(b"", b"06:07") is None
    row = table.take(b"-a----        23.11.2026     06:05             12 x", b"06:07")
    assert row is not None and row == (b"C:\\a\\verylong name\\x", Says.MADE)
    assert table.take(b"-a----        23.11.2026     06:04             12 x", b"06:07") == (row.path, Says.NAMED)
    assert table.take(b"-a----        23.11.2026     23:59             12 x", b"00:01") == (row.path, Says.MADE)


@posix_only  # elsewhere a directory has no size, and is an empty log
def test_a_log_that_is_gone_or_cannot_be_read(disk: EvidenceDisk) -> None:
    path = scripts_log(disk, ["created /srv/a"])
    instance = instance_of(disk, "d-AAAAAAAA1")
    disk.path(path).unlink()
    assert OutputPaths(disk.root, instance, lambda p: True).problems == []
    disk.path(path).mkdir()
    disk.path(path + "/x").touch()
    found = OutputPaths(disk.root, instance, lambda p: True)
    assert len(found) == 0 and [problem.path for problem in found.problems] == [path]


PIECES = st.sampled_from(
    [b"/", b"/srv/a", b"C:\\x", b"'", b"\"", b"`", b" -> ", b"created ", b"removed ", b"\x1b[1m", b"\xff", b"\0", b"\r",
     b"    Directory: C:\\x", b"-a----  1  2:3  4 n", b"\n", b"2026-11-23 06:07:36 ", b"[stdout]", b"..", b"Script - s"]
)  # fmt: skip


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(PIECES, st.binary(max_size=20)), max_size=40).map(b"".join), st.booleans())
def test_any_bytes_of_output_are_no_error(tmp_path: Path, data: bytes, windows: bool) -> None:
    with evidence_disk(tmp_path, windows) as disk:
        log = f"{ROOT_DIR}/g/d-AAAAAAAA1/logs/scripts.log"
        head = f"{STAMP}LifecycleEvent - AfterInstall\n{STAMP}Script - s\n{STAMP}[stdout]created ".encode()
        disk.write(log, head + (b"C:" if windows else b"") + b"/srv/kept\n" + data)
        prefix = "/C:" if windows else ""
        record = read_scripts_log(disk.root, prefix + log, "d-AAAAAAAA1")
        assert record is not None
        made = windows_instance if windows else instance_with
        instance = made(groups=(group_of("g", deployment_of("d-AAAAAAAA1", "g", log=record)),))
        asked: list[str] = []
        found = OutputPaths(disk.root, instance, lambda path: asked.append(path) is None)
        kept = found.of(prefix + "/srv/kept")
        assert kept is not None and kept.says == Says.MADE
        assert all(path.startswith("/") and "\0" not in path for path in asked)
        for path in asked:
            named = found.of(path)
            if named is not None:
                output_evidence(named)
