"""A Windows instance, as a directory that holds its drives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .building import APP, OVERWRITE, RETAIN, Link, Site, actions, appspec, failure, listed, told

SPEC = appspec(("app", "c:\\temp"), system="windows")


@pytest.fixture(params=[1, 2])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path, request.param, windows=True)
    yield site
    site.close()


def test_paths_are_told_in_the_instances_own_spelling(site: Site) -> None:
    site.put({"/C/Temp": None})
    verdict = site.deploy(site.revision({"app/a.txt": "a", "app/d/b.txt": "b"}, SPEC))
    assert told(verdict.effects) == {"added": ["/C:/Temp/a.txt", "/C:/Temp/d", "/C:/Temp/d/b.txt"]}


def test_names_have_no_letter_case(site: Site) -> None:
    site.put({"/C/TEMP/A.TXT": "there"})
    revision = site.revision({"app/a.txt": "ours"}, SPEC)
    assert failure(site.deploy(revision))[0] == "instructions"
    assert told(site.deploy(revision, OVERWRITE).effects) == {"changed": ["/C:/TEMP/A.TXT"]}
    assert told(site.deploy(revision, RETAIN).effects) == {}


def test_the_message_writes_the_path_as_the_agent_does(site: Site) -> None:
    site.put({"/C/temp/a.txt": "there"})
    message = failure(site.deploy(site.revision({"app/a.txt": "ours"}, SPEC)))[1]
    assert message.endswith("already exists at this location: ") is False
    assert message.endswith("a.txt")
    assert ("\\" in message) is (site.version == 2)


@pytest.mark.parametrize("line", ["c:/temp/a.txt", "C:\\temp\\a.txt", "c:/TEMP/A.txt", "C:/temp/./a.txt"])
def test_cleanup_lines_may_have_slashes_of_both_kinds_and_any_case(site: Site, line: str) -> None:
    site.put({"/C/temp/a.txt": "a"})
    site.cleanup(raw=line.encode() + b"\r\n")
    verdict = site.deploy(site.revision({}, appspec(system="windows")))
    assert told(verdict.effects) == {"removed": ["/C:/temp/a.txt"]}


def test_a_drive_is_no_missing_directory(site: Site) -> None:
    site.put({"/D": None})
    spec = appspec(("app", "d:\\new\\place"), system="windows")
    first, second = site.chain(site.revision({"app/a": "a"}, spec), site.revision({}, appspec(system="windows")))
    assert told(first.effects) == {"added": ["/D:/new", "/D:/new/place", "/D:/new/place/a"]}
    assert told(second.effects) == {"removed": ["/D:/new", "/D:/new/place", "/D:/new/place/a"]}


def test_what_was_copied_in_one_case_is_removed_in_another(site: Site) -> None:
    site.put({"/C/temp": None})
    nothing = site.revision({}, appspec(system="windows"))
    first, second = site.chain(site.revision({"app/Readme.TXT": "r"}, SPEC), nothing)
    assert told(first.effects) == {"added": ["/C:/temp/Readme.TXT"]}
    assert list(actions(second).values()) == ["removed"]
    assert len(listed(second)) == 1


def test_directories_that_are_not_empty_stay(site: Site) -> None:
    site.put({"/C/temp/upload.txt": "u"})
    site.cleanup("c:/temp")
    verdict = site.deploy(site.revision({}, appspec(system="windows")))
    assert list(actions(verdict).values()) == ["not-empty"]


def test_two_names_of_the_revision_that_differ_by_case_are_one_file(site: Site) -> None:
    site.put({"/C/temp": None})
    try:
        revision = site.revision({"app/a.txt": "1", "app/A.txt": "2"}, SPEC)
    except FileExistsError:
        pytest.skip("this system has no letter case itself")
    assert len(told(site.deploy(revision, OVERWRITE).effects)["added"]) == 1


def test_permissions_are_refused_on_windows(site: Site) -> None:
    spec = appspec(("app", "c:\\temp"), permissions=[{"object": "c:\\temp", "mode": "644"}], system="windows")
    phase, message = failure(site.deploy(site.revision({"app/a": "a"}, spec)))
    assert phase == "appspec"
    assert "Permissions are supported only for Amazon Linux" in message


def test_no_mode_or_owner_is_told(site: Site) -> None:
    site.put({"/C/temp/a.txt": "same"})
    site.place("/C/temp/a.txt").chmod(0o600)
    verdict = site.deploy(site.revision({"app/a.txt": "same"}, SPEC), OVERWRITE)
    assert (told(verdict.effects), list(verdict.attributes)) == ({}, [])


def test_a_link_leads_along_windows_paths(site: Site) -> None:
    site.put({"/C/temp": None, "/D/data/x.txt": "x", "/C/temp/link": Link("D:\\data")})
    spec = appspec(("app", "c:\\temp\\link"), system="windows")
    verdict = site.deploy(site.revision({"app/y.txt": "y"}, spec))
    assert told(verdict.effects) == {"added": ["/D:/data/y.txt"]}


def test_version_1_checks_the_os(tmp_path: Path) -> None:
    for version, phase in ((1, "appspec"), (2, None)):
        site = Site(tmp_path / str(version), version, windows=True)
        verdict = site.deploy(site.revision({"app/a": "a"}, APP))
        assert (verdict.failure.phase.value if verdict.failure else None) == phase
        site.close()
