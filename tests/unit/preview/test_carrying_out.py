"""Carrying the instructions out: what a copy writes to, and where a directory cannot be made."""

from __future__ import annotations

import os

import pytest

from tests.support import posix_only

from .building import ARCHIVE, OVERWRITE, File, Link, Site, appspec, failure, listed, told

# -- copying files ------------------------------------------------------------------------


@posix_only
def test_a_copy_keeps_the_mode_of_the_revisions_file(site: Site) -> None:
    site.put({"/srv/app/a": File("same", 0o600)})
    verdict = site.deploy(site.revision({"app/a": File("same", 0o755)}), OVERWRITE)
    assert told(verdict.effects) == {"attributes": ["/srv/app/a"]}
    assert [change.mode for change in verdict.attributes] == [(0o600, 0o755)]


@posix_only
@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o6755])
def test_a_copy_keeps_the_bits_that_change_user_and_group(site: Site, mode: int) -> None:
    site.put({"/srv/app/a": File("same", 0o755)})
    revision = site.revision({"app/a": File("same", mode)})
    verdict = site.deploy(revision, OVERWRITE)
    assert [change.mode for change in verdict.attributes] == [(0o755, mode)]


def test_a_copy_writes_through_a_link_at_the_destination(site: Site) -> None:
    site.put({"/data/target": "old", "/srv/app/a": Link("/data/target")})
    verdict = site.deploy(site.revision({"app/a": "new"}), OVERWRITE)
    assert told(verdict.effects) == {"changed": ["/data/target"]}
    assert list(verdict.written_through) == [("/srv/app/a", "/data/target")]


def test_a_copy_through_a_dangling_link_makes_its_target(site: Site) -> None:
    site.put({"/data": None, "/srv/app/a": Link("/data/target")})
    verdict = site.deploy(site.revision({"app/a": "new"}))
    assert told(verdict.effects) == {"added": ["/data/target"]}


def test_a_copy_through_a_dangling_link_into_a_missing_directory_fails(site: Site) -> None:
    site.put({"/srv/app/a": Link("/data/target")})
    verdict = site.deploy(site.revision({"app/a": "new"}))
    assert failure(verdict) == ("install", "No such file or directory @ rb_sysopen - /srv/app/a")


def test_a_copy_to_a_link_loop_fails(site: Site) -> None:
    site.put({"/srv/app/a": Link("a")})
    verdict = site.deploy(site.revision({"app/a": "new"}))
    assert failure(verdict) == ("install", "Too many levels of symbolic links @ rb_sysopen - /srv/app/a")


def test_a_copy_goes_into_a_directory_that_stands_there(site: Site) -> None:
    site.put({"/srv/app/x": None})
    first, second = site.chain((site.revision({"app/x": "file"}), OVERWRITE), site.revision({}, appspec()))
    assert told(first.effects) == {"added": ["/srv/app/x/x"]}
    assert listed(second) == ["/srv/app/x"]
    assert [line.action.value for line in second.cleanup] == ["not-empty"]


def test_a_copy_goes_into_a_directory_that_a_link_leads_to(site: Site) -> None:
    site.put({"/data/x": "old", "/srv/app/x": Link("/data")})
    verdict = site.deploy(site.revision({"app/x": "new"}), OVERWRITE)
    assert told(verdict.effects) == {"changed": ["/data/x"]}


def test_a_copy_into_a_directory_goes_through_a_dangling_link_in_it(site: Site) -> None:
    site.put({"/srv/app/x/x": Link("../beside")})
    verdict = site.deploy(site.revision({"app/x": "new"}), OVERWRITE)
    assert told(verdict.effects) == {"added": ["/srv/app/beside"]}


def test_a_copy_into_a_directory_that_holds_a_directory_of_its_name_fails(site: Site) -> None:
    site.put({"/srv/app/x/x": None})
    verdict = site.deploy(site.revision({"app/x": "new"}), OVERWRITE)
    assert failure(verdict) == ("install", "Is a directory @ rb_sysopen - /srv/app/x/x")


@posix_only
def test_an_overwritten_file_with_two_names_changes_under_both(site: Site) -> None:
    site.put({"/srv/app/a": "old", "/srv/app/keep": "k"})
    os.link(site.place("/srv/app/a"), site.place("/srv/app/other"))
    site.deployed({"appspec.yml": appspec(("app", "/srv/app"))})
    verdict = site.deploy(site.revision({"app/a": "new"}), OVERWRITE)
    assert told(verdict.effects) == {"changed": ["/srv/app/a", "/srv/app/other"]}


@posix_only
def test_two_names_of_one_file_in_the_revision_become_two_files(site: Site) -> None:
    site.put({"/srv/app": None})
    revision = site.revision({"app/a": "one"})
    top = site.top.parent / "revisions" / revision.label
    os.link(top / "app/a", top / "app/b")
    site.deployed({"appspec.yml": appspec(("app", "/srv/app"))})
    second = site.revision({"app/a": "two"})
    first, last = site.chain(revision, (second, OVERWRITE))
    assert told(first.effects) == {"added": ["/srv/app/a", "/srv/app/b"]}
    assert told(last.effects) == {"changed": ["/srv/app/a"], "removed": ["/srv/app/b"]}


def test_a_copy_that_reaches_its_own_source_fails(site: Site) -> None:
    site.put({"/srv/app/a": Link(f"{ARCHIVE}/app/a")})
    verdict = site.deploy(site.revision({"app/a": "a"}), OVERWRITE)
    assert failure(verdict) == ("install", f"same file: {ARCHIVE}/app/a and /srv/app/a")


# -- copying links ------------------------------------------------------------------------


def test_a_source_that_is_a_link_becomes_a_link_with_the_same_text(site: Site) -> None:
    site.put({"/srv/app": None})
    revision = site.revision({"app/l": Link("../../no/where")})
    site.deployed({"appspec.yml": appspec(("app", "/srv/app"))})
    first, second = site.chain(revision, site.revision({"app/l": Link("other")}))
    assert told(first.effects) == {"added": ["/srv/app/l"]}
    assert told(second.effects) == {"changed": ["/srv/app/l"]}


@pytest.mark.parametrize("there", ["a file", Link("file"), Link("nowhere"), Link("l")])
def test_a_link_fails_if_anything_is_already_there_overwrite_or_not(site: Site, there: object) -> None:
    site.put({"/srv/app/file": "f", "/srv/app/l": there})  # type: ignore[dict-item]
    verdict = site.deploy(site.revision({"app/l": Link("missing")}), OVERWRITE)
    assert failure(verdict) == ("install", "File exists @ syserr_fail2_in - /srv/app/l")


def test_disallow_lets_a_dangling_link_pass_and_the_new_link_then_fails_on_it(site: Site) -> None:
    site.put({"/srv/app/l": Link("nowhere")})
    verdict = site.deploy(site.revision({"app/l": Link("missing")}))
    assert failure(verdict) == ("install", "File exists @ syserr_fail2_in - /srv/app/l")


@pytest.mark.parametrize("there", ["/srv/app/l", "/data"])
def test_a_link_where_a_directory_stands_is_made_in_it_under_the_name_of_its_target(site: Site, there: str) -> None:
    site.put({there: None})
    if there == "/data":
        site.put({"/srv/app/l": Link("/data")})
    first, second = site.chain((site.revision({"app/l": Link("x/y")}), OVERWRITE), site.revision({}, appspec()))
    assert told(first.effects) == {"added": [f"{there}/y"]}
    assert listed(second) == ["/srv/app/l"]


def test_a_link_made_in_a_directory_fails_on_what_has_its_targets_name(site: Site) -> None:
    site.put({"/srv/app/l/y": "there"})
    verdict = site.deploy(site.revision({"app/l": Link("x/y")}), OVERWRITE)
    assert failure(verdict) == ("install", "File exists @ syserr_fail2_in - /srv/app/l/y")


# -- making directories -------------------------------------------------------------------


@pytest.mark.parametrize("there", ["a file", Link("file"), Link("nowhere"), Link("d")])
def test_a_directory_cannot_be_made_where_something_stands(site: Site, there: object) -> None:
    site.put({"/srv/app/file": "f", "/srv/app/d": there})  # type: ignore[dict-item]
    verdict = site.deploy(site.revision({"app/d/x": "x"}), OVERWRITE)
    assert failure(verdict) == ("install", "File exists @ dir_s_mkdir - /srv/app/d")


def test_a_directory_cannot_be_made_below_a_file(site: Site) -> None:
    site.put({"/srv/file": "f"})
    verdict = site.deploy(site.revision({"app/x": "x"}, appspec(("app", "/srv/file/one/two"))))
    assert failure(verdict) == ("install", "Not a directory @ dir_s_mkdir - /srv/file/one")


def test_a_parent_that_is_a_dangling_link_is_to_be_made_itself(site: Site) -> None:
    site.put({"/srv/l": Link("nowhere")})
    verdict = site.deploy(site.revision({"app/x": "x"}, appspec(("app", "/srv/l/app"))))
    assert failure(verdict) == ("install", "File exists @ dir_s_mkdir - /srv/l")


def test_a_name_longer_than_255_bytes_fails(site: Site) -> None:
    site.put({"/srv": None})
    name = "n" * 256
    verdict = site.deploy(site.revision({"app/x": "x"}, appspec(("app", f"/srv/{name}"))))
    assert failure(verdict) == ("install", f"File name too long @ dir_s_mkdir - /srv/{name}")


def test_a_path_of_4095_bytes_works_and_one_more_fails(site: Site) -> None:
    destination = "/srv" + "/" + "d" * 100
    while len(destination) < 3950:
        destination += "/" + "d" * 100
    site.put({"/srv": None})
    spec = appspec(("app", destination))
    fits, exceeds = "x" * (4095 - len(destination) - 1), "x" * (4095 - len(destination))
    assert site.deploy(site.revision({f"app/{fits}": "x"}, spec)).outcome == "succeeds"
    verdict = site.deploy(site.revision({f"app/{exceeds}": "x"}, spec))
    assert failure(verdict) == ("install", f"File name too long @ rb_sysopen - {destination}/{exceeds}")


# -- what is in the revision --------------------------------------------------------------


def test_files_of_the_revision_are_left_as_they_are(site: Site) -> None:
    """The agent's own directories are left out of the effects."""
    verdict = site.deploy(site.revision({"app/a": "a"}))
    assert told(verdict.effects) == {"added": ["/srv", "/srv/app", "/srv/app/a"]}


@posix_only
@pytest.mark.parametrize("path", [b"app/na\x80me", b"app/name\xc3"])
def test_a_name_that_is_not_utf8_fails_when_install_json_is_written(site: Site, path: bytes) -> None:
    site.put({"/srv/old": ""})
    site.cleanup("/srv/old")
    revision = site.revision({os.fsdecode(path): "x", "app/good": "g"})
    first, second = site.chain(revision, site.revision({}, appspec()))
    assert failure(first) == (
        "instructions",
        "partial character in source, but hit end"
        if path.endswith(b"\xc3")
        else "source sequence is illegal/malformed utf-8",
    )
    assert told(first.effects) == {"removed": ["/srv/old"]}
    assert list(second.cleanup) == []


@posix_only
def test_a_link_may_lead_to_a_name_that_is_not_utf8(site: Site) -> None:
    site.put({"/srv/app": None})
    verdict = site.deploy(site.revision({"app/l": Link(os.fsdecode(b"na\xffme"))}))
    assert told(verdict.effects) == {"added": ["/srv/app/l"]}


# -- what depends on the order of a directory's entries -----------------------------------


def test_of_two_files_for_one_place_through_a_link_either_may_stay(site: Site) -> None:
    site.put({"/srv/app/a": "2", "/srv/app/b": Link("a")})
    verdict = site.deploy(site.revision({"app/a": "1", "app/b": "2"}), OVERWRITE)
    assert (told(verdict.effects), told(verdict.possibly)) == ({}, {"changed": ["/srv/app/a"]})
    assert any("/srv/app/a: two files" in note for note in verdict.notes)


def test_of_two_mappings_for_one_place_through_a_link_the_last_one_stays(site: Site) -> None:
    site.put({"/srv/app/a": "0", "/srv/app/b": Link("a")})
    spec = appspec(("app/a", "/srv/app"), ("app/b", "/srv/app"))
    verdict = site.deploy(site.revision({"app/a": "1", "app/b": "2"}, spec), OVERWRITE)
    assert (told(verdict.effects), told(verdict.possibly)) == ({"changed": ["/srv/app/a"]}, {})


def test_a_copy_through_a_link_to_what_the_revision_itself_makes_is_no_sure_failure(site: Site) -> None:
    site.put({"/srv/app/f": Link("e/g")})
    verdict = site.deploy(site.revision({"app/f": "1", "app/e/h": "2"}))
    assert verdict.failure is None or not verdict.failure.sure or verdict.notes


@posix_only
def test_a_pipe_in_the_way_is_no_plain_success(site: Site) -> None:
    site.put({"/srv/app": None})
    os.mkfifo(site.place("/srv/app/a"))
    verdict = site.deploy(site.revision({"app/a": "a"}), OVERWRITE)
    assert verdict.failure is not None and not verdict.failure.sure


def test_a_link_beyond_the_links_that_the_system_follows_is_not_made_inside(site: Site) -> None:
    site.put({"/srv/app/l": Link(".")})
    destination = "/srv/app" + "/l" * 40
    spec = appspec(("app", destination))
    verdict = site.deploy(site.revision({"app/l": Link("elsewhere")}, spec))
    assert failure(verdict) == ("install", f"File exists @ syserr_fail2_in - {destination}/l")


def test_a_source_is_named_with_the_slashes_that_joining_leaves(site: Site) -> None:
    spec = appspec(("app//", "/srv/app"), ("app/", "/srv/app"))
    verdict = site.deploy(site.revision({"app/a": "a"}, spec))
    assert f"two source files named {ARCHIVE}/app/a and {ARCHIVE}/app//a for" in failure(verdict)[1]
