"""What once went wrong on a damaged instance."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from tui.forensics.marks import Mark, State

from .instances import check, copied, opened, scanned, survives

INSTRUCTIONS = "opt/codedeploy-agent/deployment-root/deployment-instructions"


def example(whole: list[Path], name: str, to: Path) -> Path:
    """A copy of an example."""
    return copied(next(place for place in whole if place.name == name), to / name)


def test_a_path_that_one_cleanup_file_lists_a_thousand_times_is_told_once(whole: list[Path], tmp_path: Path) -> None:
    instance = example(whole, "guide-example", tmp_path)
    (cleanup,) = (instance / INSTRUCTIONS).glob("*-cleanup")
    cleanup.write_bytes(cleanup.read_bytes() * 1000)
    root = opened(instance)
    assert root is not None
    with root:
        examination = scanned(root)
        assert examination is not None
        check(examination)
        for row, path in examination.inventory.paths():
            if examination.mark[row] == Mark.DEPLOYED:
                kinds = [item.kind for item in examination.evidence_of(row)]
                assert kinds.count("cleanup-file") == 1, path


def test_a_group_of_which_only_an_empty_plan_is_left(whole: list[Path], tmp_path: Path) -> None:
    instance = example(whole, "guide-example", tmp_path)
    (instance / INSTRUCTIONS / "another-install.json").write_bytes(b"")
    shutil.rmtree(instance / "srv")
    root = opened(instance)
    assert root is not None
    with root:
        examination = scanned(root)
        assert examination is not None and examination.instance.group("another") is not None
        check(examination)
        assert "no-cleanup-file" in {f.code for f in examination.findings if f.group == "another"}


def no_process(*_: object) -> int:
    """What ``os.fork`` and ``os.pipe`` do where a limit is reached."""
    raise OSError(errno.EAGAIN, "Resource temporarily unavailable")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no second process here")
@pytest.mark.parametrize("lacking", ["fork", "pipe"])
def test_a_system_with_no_process_or_descriptor_left_is_scanned_in_one(
    lacking: str, whole: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, lacking, no_process)
    monkeypatch.setattr("tui.disk.posix.ENOUGH", 1)
    place = next(place for place in whole if place.name == "healthy")
    root = opened(place)
    assert root is not None
    with root:
        examination = scanned(root)
    assert examination is not None and len(examination.revision_sizes) == 2
    assert examination.counts().states[State.INTACT] > 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no second process here")
def test_a_program_with_many_files_open_still_hears_its_second_process(
    whole: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl
    import resource

    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 1200:
        pytest.skip("no more than 1200 descriptors")
    pipe = os.pipe

    def high() -> tuple[int, int]:
        read, write = pipe()
        try:
            return fcntl.fcntl(read, fcntl.F_DUPFD_CLOEXEC, 1100), write
        finally:
            os.close(read)

    monkeypatch.setattr(os, "pipe", high)
    root = opened(next(place for place in whole if place.name == "healthy"))
    assert root is not None
    with root:
        examination = scanned(root)
    assert examination is not None and len(examination.revision_sizes) == 2


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("scripts/check.ps1", b"for %%i in (a b c) do (\r\n"),
        ("scripts/check.ps1", b"for ("),
        ("scripts/check.ps1", b"return "),
        ("scripts/check.ps1", b'"$('),
        ("c.bat", b"if x "),
        ("c.bat", b"$("),
        ("c.bat", b"("),
    ],
)
def test_a_windows_script_that_is_nested_without_end(
    script: str, text: bytes, whole: list[Path], tmp_path: Path
) -> None:
    instance = example(whole, "windows-guide", tmp_path)
    (archive,) = instance.glob("C/ProgramData/Amazon/CodeDeploy/*/d-WIN333333/deployment-archive")
    (archive / script).write_bytes(text * 3000)
    assert survives(instance)
