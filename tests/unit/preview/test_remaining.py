"""What remains in a group's places, and why."""

from __future__ import annotations

import os

from tests.support import posix_only

from .building import CLEANUP, RETAIN, Link, Site, appspec, stays

SPEC = appspec(("app", "/srv/app"))


def test_what_no_cleanup_file_lists_remains(site: Site) -> None:
    site.put({"/srv/app/upload": "u", "/srv/app/a": "a"})
    site.cleanup("/srv/app/a")
    assert stays(site.deploy(site.revision({}, SPEC)))["/srv/app/upload"] == "not listed"


def test_a_directory_that_is_not_empty_remains(site: Site) -> None:
    site.put({"/srv/app/d/upload": "u"})
    site.cleanup("/srv/app/d")
    assert stays(site.deploy(site.revision({}, appspec())))["/srv/app/d"] == "directory not empty"


def test_a_retained_file_remains(site: Site) -> None:
    site.put({"/srv/app/a": "there"})
    site.deployed({"appspec.yml": SPEC})
    assert stays(site.deploy(site.revision({"app/a": "ours"}), RETAIN))["/srv/app/a"] == "retained"


@posix_only
def test_a_file_whose_name_cannot_be_removed_remains(site: Site) -> None:
    site.put({"/srv/app/name ": "x", "/srv/app/cut": "y"})
    site.cleanup(raw=b"/srv/app/name \n/srv/app/cut")
    remains = stays(site.deploy(site.revision({}, appspec())))
    assert remains["/srv/app/name "] == remains["/srv/app/cut"] == "its name cannot be removed"


def test_what_a_failing_cleanup_does_not_come_to_remains(site: Site) -> None:
    site.put({"/srv/app/a": "a", "/srv/app/e": None})
    site.cleanup("/srv/app/a", "/srv/app/e/.")
    assert stays(site.deploy(site.revision({}, SPEC)))["/srv/app/a"] == "the cleanup fails before it"


def test_v2_a_dangling_link_remains(site_2: Site) -> None:
    site_2.put({"/srv/app/l": Link("nowhere")})
    site_2.cleanup("/srv/app/l")
    assert stays(site_2.deploy(site_2.revision({}, SPEC)))["/srv/app/l"].startswith("dangling link")


def test_another_groups_files_in_the_same_place_remain(site: Site) -> None:
    site.put({"/srv/app/theirs": "t", "/srv/app/ours": "o"})
    site.cleanup("/srv/app/ours")
    site.cleanup("/srv/app/theirs", group="another")
    verdict = site.deploy(site.revision({}, SPEC))
    assert stays(verdict)["/srv/app/theirs"] == "another group's"
    assert [item.detail for item in verdict.remains if item.path == "/srv/app/theirs"] == ["another"]


def test_what_is_removed_added_or_changed_does_not_remain(site: Site) -> None:
    site.put({"/srv/app/a": "1", "/srv/app/gone": "g"})
    site.cleanup("/srv/app/a", "/srv/app/gone")
    remains = stays(site.deploy(site.revision({"app/a": "2", "app/new": "n"})))
    assert not set(remains) & {"/srv/app/a", "/srv/app/gone", "/srv/app/new"}


def test_files_outside_the_groups_places_are_not_told(site: Site) -> None:
    site.put({"/srv/elsewhere/x": "x", "/srv/app/a": "a"})
    site.cleanup("/srv/app/a")
    site.cleanup("/srv/elsewhere/x", group="another")
    assert "/srv/elsewhere/x" not in stays(site.deploy(site.revision({}, SPEC)))


@posix_only
def test_v2_what_a_cleanup_file_that_is_passed_over_lists_remains(site_2: Site) -> None:
    site_2.put({"/srv/app/a": "a"})
    site_2.cleanup("/srv/app/a")
    os.chmod(site_2.place(f"{site_2.instructions}/7c1e5b1a-9d34-4f0a-8a1b-3f2c6d7e8f90-cleanup"), 0o666)
    assert "/srv/app/a" in stays(site_2.deploy(site_2.revision({}, SPEC)))


def test_a_retained_file_of_a_new_place_remains(site: Site) -> None:
    site.put({"/srv/app/a": "there"})
    assert stays(site.deploy(site.revision({"app/a": "ours"}), RETAIN))["/srv/app/a"] == "retained"


@posix_only
def test_v2_what_a_cleanup_file_that_is_not_run_lists_remains(site_2: Site) -> None:
    site_2.put({"/srv/app/a": "a"})
    site_2.cleanup("/srv/app/a")
    site_2.place(CLEANUP).chmod(0o666)
    assert stays(site_2.deploy(site_2.revision({}, SPEC)))["/srv/app/a"] == "its line is passed over"
