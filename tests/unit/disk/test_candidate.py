"""What an operator may name as a revision, and the one line that answers what is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import posix_only
from tui.disk.candidate import Candidate, CandidateError, open_candidate

from .archives import SYMLINK, Entry, gz, member, reason_of, tar_of, zip_of
from .support import unprivileged

APPSPEC = member("appspec.yml", data=b"version: 0.0\n")


def test_a_directory(top: Path) -> None:
    (top / "appspec.yml").write_bytes(b"x")
    candidate = open_candidate(str(top))
    try:
        assert (candidate.label, candidate.kind) == (str(top), "directory")
        assert (candidate.problem, candidate.notes) == (None, ())
        assert [name for name, _ in candidate.tree.list("/")] == ["appspec.yml"]
        assert candidate.tree.read("/appspec.yml", 9).data == b"x"
    finally:
        candidate.tree.close()


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (tar_of([APPSPEC]), "tar"),
        (gz(tar_of([APPSPEC])), "tgz"),
        (zip_of([Entry(b"appspec.yml", b"x")]), "zip"),
    ],
    ids=reason_of,
)
def test_a_bundle_whatever_its_name(top: Path, raw: bytes, kind: str) -> None:
    for name in ("bundle.tar", "revision.txt"):
        (top / name).write_bytes(raw)
        candidate = open_candidate(str(top / name))
        candidate.tree.close()
        assert (candidate.label, candidate.kind) == (str(top / name), kind)
        assert (candidate.problem, candidate.notes) == (None, ())


def test_what_a_bundle_has_to_say(top: Path) -> None:
    (top / "b").write_bytes(tar_of([APPSPEC, member("../up"), member("s", SYMLINK, link="x", uname="app")], end=False))
    candidate = open_candidate(str(top / "b"), {"app": 33}, {})
    assert [there.uid for _, there in candidate.tree.list("/")] == [0, 33]
    candidate.tree.close()
    assert candidate.problem is not None
    assert candidate.problem.startswith("Error extracting tar archive: 2 (../up: ")
    assert len(candidate.notes) == 1


def notes_of(candidate: Candidate) -> tuple[str, ...]:
    candidate.tree.close()
    return candidate.notes


def test_a_directory_that_is_not_stripped(top: Path) -> None:
    inside = top / "shop-1.2"
    inside.mkdir()
    assert notes_of(open_candidate(str(top))) == ()
    (inside / "AppSpec.yaml").write_bytes(b"x")
    (note,) = notes_of(open_candidate(str(top)))
    assert "shop-1.2 has one" in note
    (top / "README").write_bytes(b"x")
    assert notes_of(open_candidate(str(top))) == (note,)
    (top / "other").mkdir()
    (top / "other" / "appspec.yml").write_bytes(b"x")
    assert notes_of(open_candidate(str(top))) == ()
    assert notes_of(open_candidate(str(top / "other"))) == ()
    (top / "other" / "appspec.yml").rename(top / "other" / "README")
    assert notes_of(open_candidate(str(top / "other"))) == ()
    (top / "other" / "README").unlink()
    (top / "other").rmdir()
    (top / "old-appspec").write_bytes(b"x")
    assert notes_of(open_candidate(str(top))) == ()


def test_an_empty_directory(top: Path) -> None:
    assert notes_of(open_candidate(str(top))) == ("The directory is empty.",)


def test_what_is_no_revision(top: Path) -> None:
    (top / "file").write_bytes(b"hello")
    (top / "none").write_bytes(b"")
    for text, reason in (
        ("", "empty"),
        (f"{top}/missing", "no such file or directory; name a tar"),
        (f"{top}/file", "neither a tar nor a zip; name a tar"),
        (f"{top}/none", "empty; "),
        (f"{top}/nul\0", "null"),
        (f"{top}/{'x' * 5000}", "; name a tar"),
        (f"{top}/esc\x1b\n\\", "; name a tar"),
    ):
        with pytest.raises(CandidateError) as raised:
            open_candidate(text)
        line = str(raised.value)
        assert reason in line
        assert "\n" not in line
        assert "\x1b" not in line


@posix_only
def test_what_a_posix_system_has_besides(top: Path) -> None:
    os.mkfifo(top / "pipe")
    (top / "file").write_bytes(b"x")
    (top / "shut").mkdir(mode=0)
    (top / "blind").mkdir(mode=0o111)
    (top / "secret").write_bytes(tar_of([APPSPEC]))
    (top / "secret").chmod(0)
    top.chmod(0o755)
    top.parent.chmod(0o755)
    here = os.open(".", os.O_RDONLY)
    os.chdir(top)
    try:
        for text, reason in (
            ("pipe", "not a regular file; name"),
            ("/dev/null", "not a regular file; name"),
            ("file/x", "not a directory; name"),
            ("shut", "permission denied; run as root"),
            ("shut/x", "permission denied; run as root"),
            ("blind", "permission denied; run as root"),
            ("secret", "permission denied; run as root"),
        ):
            with unprivileged(), pytest.raises(CandidateError) as raised:
                open_candidate(text)
            assert reason in str(raised.value)
    finally:
        os.fchdir(here)
        os.close(here)
