"""The running app's own files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.agent.records import OngoingDeployment, Pointer
from tui.disk.inventory import DIR, FILE, LINK, OTHER, UNKNOWN_TIME
from tui.forensics.evidence.app_files import SETTLED, AppFiles, Strength, app_evidence
from tui.forensics.marks import Mark

from .instances import deployment_of, group_of, instance_with, log_of, run_of

NS = 1_000_000_000
T = 1_700_000_000.0


def app_files(**fields: object) -> AppFiles:
    pointer = Pointer("/x/last", "/x/d-A", "d-A", True, T)
    group = group_of("g", deployment_of("d-A", "g", T - 5), last_successful=pointer)
    return AppFiles(instance_with(groups=(group,), **fields), lambda log, local: 3600.0)


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/srv/app/production.log", "log"),
        ("/srv/app/production.log.1", "log"),
        ("/srv/app/access.log-20261123.gz", "log"),
        ("/srv/app/Catalina.out", "log"),
        ("/C:/inetpub/W3SVC1/u_ex261123.log", "log"),
        ("/srv/app/server.PID", "process id"),
        ("/srv/app/app.sock", "socket"),
        ("/srv/app/yarn.lock", "lock"),
        ("/srv/app/db.sqlite3-wal", "database"),
        ("/srv/app/x.pyc", "bytecode"),
        ("/srv/app/core.4711", "dump"),
        ("/srv/app/.DS_Store", "desktop"),
        ("/srv/app/.config.yml.swp", "editor"),
        ("/srv/app/config.yml~", "editor"),
        ("/srv/app/upload.tmp", "temporary"),
        ("/srv/app/sess_0123456789abcdef0123", "session"),
        ("/srv/app/cache/a/b/views.php", "in cache"),
        ("/srv/app/Uploads/cat.png", "uploads"),
        ("/srv/app/__pycache__/data.bin", "bytecode"),
    ],
)
def test_what_it_looks_like(path: str, word: str) -> None:
    found = app_files().of(path, FILE, int((T - 50) * NS), 0)
    assert found is not None and found.strength == Strength.LOOKS and word in found.reason
    later = app_files().of(path, FILE, int((T + 1000) * NS), 0)
    assert later is not None and later.strength == Strength.BOTH and later.over == T + SETTLED


@pytest.mark.parametrize(
    "path", ["/srv/app/index.html", "/srv/app/logic.py", "/srv/app/core.py", "/srv/catalog", "/tmp/x", "/srv/tmpl/a"]
)
def test_what_looks_like_nothing(path: str) -> None:
    assert app_files().of(path, FILE, int(T * NS), 0) is None
    assert app_files().of(path, FILE, UNKNOWN_TIME, 0) is None
    later = app_files().of(path, FILE, int((T + 1000) * NS), 0)
    assert later is not None and later.strength == Strength.LATER


def test_directories_links_and_sockets() -> None:
    files = app_files()
    assert files.of("/srv/app/cache", DIR, int((T + 1000) * NS), 0).strength == Strength.BOTH  # type: ignore[union-attr]
    assert files.of("/srv/app/lib", DIR, int((T + 1000) * NS), 0) is None
    assert files.of("/srv/app/x.log", LINK, 0, 0) is None
    assert "socket" in files.of("/srv/app/x", OTHER, 0, 0).reason  # type: ignore[union-attr]


def test_a_deployment_is_over_after_its_last_sign() -> None:
    logs = (log_of([run_of("ValidateService", T + 3600 + 500, T + 3600 + 700, "d-A")]),)
    files = app_files(logs=logs)
    assert files.over(0) == files.over(-1) == T + 700 + SETTLED
    assert files.of("/srv/x", FILE, int((T + 700) * NS), 0) is None
    assert files.of("/srv/x", FILE, int((T + 700 + SETTLED + 1) * NS), 0) is not None


def test_while_a_deployment_runs_nothing_is_later() -> None:
    files = app_files(ongoing=(OngoingDeployment("/x/ongoing/d-A", "d-A", "c", T),))
    assert files.over(0) is None and files.over(-1) is None
    assert files.of("/srv/x", FILE, int((T + 9999) * NS), 0) is None
    assert files.of("/srv/x.log", FILE, int((T + 9999) * NS), 0).strength == Strength.LOOKS  # type: ignore[union-attr]


def test_the_evidence() -> None:
    files = app_files()
    evidence = [
        app_evidence(files.of(path, FILE, int(moment * NS), 0))  # type: ignore[arg-type]
        for path, moment in (("/srv/a.log", T + 1000), ("/srv/a.log", T), ("/srv/a", T + 1000))
    ]
    later = "it was written more than a minute after the last trace of a deployment"
    assert [piece.detail for piece in evidence] == [
        f"it is named like a log, and {later}", "it is named like a log", later,
    ]  # fmt: skip
    assert {(piece.kind, piece.for_mark) for piece in evidence} == {("app-file", Mark.UNATTRIBUTED)}


@given(st.text(), st.sampled_from([FILE, DIR, LINK, OTHER]), st.integers(-(2**63), 2**63 - 1), st.sampled_from([0, -1]))
def test_any_name_is_no_error(name: str, kind: int, mtime_ns: int, group: int) -> None:
    found = app_files().of("/srv/" + name, kind, mtime_ns, group)
    if found is not None:
        assert app_evidence(found).detail
