"""The cleanup of version 1: which lines it runs, in which order, and what each takes away."""

from __future__ import annotations

import os

import pytest

from tests.support import posix_only
from tui.preview.records import Verdict

from .building import CLEANUP, GROUP, INSTRUCTIONS, Link, Site, actions, appspec, failure, told


def cleaned(site: Site) -> Verdict:
    """A deployment that copies nothing, so that its cleanup alone shows."""
    return site.deploy(site.revision({}, appspec()))


def test_an_empty_cleanup_file_removes_nothing(site: Site) -> None:
    site.put({"/srv/a": "a"})
    site.cleanup()
    verdict = cleaned(site)
    assert (told(verdict.effects), verdict.outcome, len(verdict.cleanup)) == ({}, "succeeds", 0)


def test_without_a_cleanup_file_nothing_is_removed(site: Site) -> None:
    site.put({"/srv/a": "a"})
    assert told(cleaned(site).effects) == {}


def test_a_group_runs_its_own_cleanup_file_alone(site: Site) -> None:
    site.put({"/srv/a": "a", "/srv/b": "b"})
    site.cleanup("/srv/a", group="another-group")
    site.cleanup("/srv/b")
    assert told(cleaned(site).effects) == {"removed": ["/srv/b"]}


@posix_only
@pytest.mark.parametrize("end", ["\u2028", "\u0085", "\u2029", "\x1c", "\u00a0"])
def test_lines_end_at_a_newline_alone_and_no_other_character_is_stripped(site: Site, end: str) -> None:
    site.put({f"/srv/a{end}b": "one", f"/srv/c{end}": "two"})
    site.cleanup(f"/srv/a{end}b", f"/srv/c{end}")
    assert set(told(cleaned(site).effects)["removed"]) == {f"/srv/a{end}b", f"/srv/c{end}"}


@pytest.mark.parametrize("space", [" ", "\t", "\v", "\f", "\r", "\0"])
def test_a_line_is_stripped_at_both_ends(site: Site, space: str) -> None:
    site.put({"/srv/a": "a"})
    site.cleanup(f"{space}{space}/srv/a{space}")
    assert told(cleaned(site).effects) == {"removed": ["/srv/a"]}


@posix_only
def test_a_name_that_ends_in_a_space_is_listed_and_never_removed(site: Site) -> None:
    site.put({"/srv/name ": "kept", "/srv/name": "another file"})
    site.cleanup("/srv/name ")
    verdict = cleaned(site)
    assert told(verdict.effects) == {"removed": ["/srv/name"]}
    assert actions(verdict)["/srv/name "] == "not-listed-whole"


@posix_only
def test_a_name_with_a_newline_is_two_lines(site: Site) -> None:
    site.put({"/srv/a\nb": "kept", "/srv/a": "gone"})
    site.cleanup("/srv/a\nb")
    verdict = cleaned(site)
    assert told(verdict.effects) == {"removed": ["/srv/a"]}
    assert actions(verdict) == {"b": "unknown", "/srv/a": "removed"}


def test_a_last_line_without_a_newline_is_dropped(site: Site) -> None:
    site.put({"/srv/a": "a", "/srv/b": "b"})
    site.cleanup(raw=b"/srv/a\n/srv/b")
    verdict = cleaned(site)
    assert told(verdict.effects) == {"removed": ["/srv/a"]}
    assert actions(verdict) == {"/srv/b": "not-listed-whole", "/srv/a": "removed"}


def test_a_file_of_one_line_without_a_newline_removes_nothing(site: Site) -> None:
    site.put({"/srv/a": "a"})
    site.cleanup(raw=b"/srv/a")
    assert told(cleaned(site).effects) == {}


def test_a_relative_line_starts_at_the_agents_working_directory_where_that_is_known(site: Site) -> None:
    site.put({"/srv/a": "a"})
    site.cleanup("srv/a")
    assert told(cleaned(site).effects) == {}
    site.cwd = "/"
    assert told(cleaned(site).effects) == {"removed": ["/srv/a"]}


def test_a_semanage_line_removes_no_file(site: Site) -> None:
    site.put({"/srv/a": "a"})
    site.cleanup("semanage\0/srv/a", "semanage\0", "semanage\0 /srv/a ")
    verdict = cleaned(site)
    assert (told(verdict.effects), verdict.outcome) == ({}, "succeeds")
    assert actions(verdict)["/srv/a"] == "context"


def test_a_semanage_line_with_a_space_before_it_is_a_path_that_holds_a_nul(site: Site) -> None:
    site.cleanup(" semanage\0/srv/a")
    assert failure(cleaned(site)) == ("cleanup", "path name contains null byte")


def test_a_semanage_line_with_a_second_nul_fails_when_it_is_reached(site: Site) -> None:
    site.put({"/srv/before": "", "/srv/after": ""})
    site.cleanup("/srv/before", "semanage\0/a\0b", "/srv/after")
    verdict = cleaned(site)
    assert failure(verdict) == ("cleanup", "string contains null byte")
    assert told(verdict.effects) == {"removed": ["/srv/after"]}


def test_a_nul_inside_a_line_fails_when_it_is_reached_and_later_lines_are_removed_already(site: Site) -> None:
    site.put({"/srv/before": "", "/srv/after": ""})
    site.cleanup("/srv/before", "/srv/x\0y", "/srv/after")
    verdict = cleaned(site)
    assert failure(verdict) == ("cleanup", "path name contains null byte")
    assert told(verdict.effects) == {"removed": ["/srv/after"]}
    assert actions(verdict)["/srv/before"] == "not-reached"


def test_removals_run_in_reverse_order_so_that_a_directory_goes_after_what_is_in_it(site: Site) -> None:
    site.put({"/srv/app/a": "a"})
    site.cleanup("/srv/app", "/srv/app/a")
    assert told(cleaned(site).effects) == {"removed": ["/srv/app", "/srv/app/a"]}


def test_a_directory_listed_after_what_is_in_it_is_not_empty_yet(site: Site) -> None:
    site.put({"/srv/app/a": "a"})
    site.cleanup("/srv/app/a", "/srv/app")
    verdict = cleaned(site)
    assert told(verdict.effects) == {"removed": ["/srv/app/a"]}
    assert actions(verdict) == {"/srv/app": "not-empty", "/srv/app/a": "removed"}


def test_a_symbolic_link_is_unlinked_itself_and_never_its_target(site: Site) -> None:
    site.put({"/data/file": "f", "/data/dir/x": "x", "/srv/f": Link("/data/file"), "/srv/d": Link("/data/dir")})
    site.cleanup("/srv/f", "/srv/d")
    assert told(cleaned(site).effects) == {"removed": ["/srv/d", "/srv/f"]}


def test_a_dangling_link_and_a_link_loop_are_unlinked(site: Site) -> None:
    site.put({"/srv/dangling": Link("nowhere"), "/srv/loop": Link("loop")})
    site.cleanup("/srv/dangling", "/srv/loop")
    assert told(cleaned(site).effects) == {"removed": ["/srv/dangling", "/srv/loop"]}


def test_what_lies_below_a_link_loop_is_absent(site: Site) -> None:
    site.put({"/srv/loop": Link("loop")})
    site.cleanup("/srv/loop/x")
    assert actions(cleaned(site)) == {"/srv/loop/x": "absent"}


def test_a_directory_that_is_not_empty_is_left_and_nothing_is_said(site: Site) -> None:
    site.put({"/srv/app/upload": "u"})
    site.cleanup("/srv/app")
    verdict = cleaned(site)
    assert (verdict.outcome, told(verdict.effects), actions(verdict)) == ("succeeds", {}, {"/srv/app": "not-empty"})


@posix_only
def test_anything_else_that_exists_is_unlinked(site: Site) -> None:
    site.put({"/srv": None})
    os.mkfifo(site.place("/srv/fifo"))
    site.cleanup("/srv/fifo")
    assert told(cleaned(site).effects) == {"removed": ["/srv/fifo"]}


def test_what_is_absent_is_skipped(site: Site) -> None:
    site.put({"/srv/a": "a", "/srv/file": "f"})
    site.cleanup("/srv/gone", "/srv/a", "/srv/file/below", "/nowhere/x", "/srv/" + "n" * 256, "/srv/" + "p/" * 2100)
    verdict = cleaned(site)
    assert told(verdict.effects) == {"removed": ["/srv/a"]}
    assert set(actions(verdict).values()) == {"absent", "removed"}


def test_parents_may_be_links_and_are_followed(site: Site) -> None:
    site.put({"/data/a": "a", "/srv": Link("/data")})
    site.cleanup("/srv/a")
    verdict = cleaned(site)
    assert told(verdict.effects) == {"removed": ["/data/a"]}
    assert verdict.cleanup[0].real == "/data/a"


def test_a_line_twice_is_absent_the_second_time(site: Site) -> None:
    site.put({"/srv/a": "a"})
    site.cleanup("/srv/a", "/srv/a")
    assert [line.action.value for line in cleaned(site).cleanup] == ["removed", "absent"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("/", "Device or resource busy @ dir_s_rmdir - /"),
        ("/srv/e/.", "Invalid argument @ dir_s_rmdir - /srv/e/."),
        ("/srv/full/.", "Invalid argument @ dir_s_rmdir - /srv/full/."),
        ("/srv/link/", "Not a directory @ dir_s_rmdir - /srv/link"),
        ("/srv/link//", "Not a directory @ dir_s_rmdir - /srv/link"),
        ("/srv/e/./", "Invalid argument @ dir_s_rmdir - /srv/e/."),
        ("/.", "Invalid argument @ dir_s_rmdir - /."),
        ("//", "Device or resource busy @ dir_s_rmdir - /"),
    ],
)
def test_any_other_error_stops_the_removal_and_fails_the_deployment(site: Site, line: str, message: str) -> None:
    site.put({"/srv/e": None, "/srv/full/x": "", "/srv/link": Link("e"), "/srv/first": "", "/srv/last": ""})
    site.cleanup("/srv/first", line, "/srv/last")
    verdict = cleaned(site)
    assert failure(verdict) == ("cleanup", message)
    assert told(verdict.effects) == {"removed": ["/srv/last"]}


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("/srv/e/", "removed"),
        ("/srv//e", "removed"),
        ("/srv/e/../e", "removed"),
        ("/srv/full/..", "not-empty"),
        ("/srv/..", "not-empty"),
        ("/srv/e/..//", "not-empty"),
        ("/srv/e/x/..", "absent"),
        ("/srv/file/", "absent"),
        ("/srv/dangling/", "absent"),
        ("~/x", "unknown"),
    ],
)
def test_a_line_is_taken_as_the_system_takes_a_path(site: Site, line: str, action: str) -> None:
    site.put({"/srv/e": None, "/srv/full/x": "", "/srv/file": "", "/srv/dangling": Link("nowhere")})
    site.cleanup(line)
    verdict = cleaned(site)
    assert [told.action.value for told in verdict.cleanup] == [action]
    assert told(verdict.effects) == ({"removed": ["/srv/e"]} if action == "removed" else {})


def test_a_failing_cleanup_leaves_the_cleanup_file_in_place_for_the_next_deployment(site: Site) -> None:
    site.put({"/srv/a": "a", "/srv/e": None})
    site.cleanup("/srv/a", "/srv/e/.")
    first, second = site.chain(site.revision({}, appspec()), site.revision({}, appspec()))
    assert failure(first) == failure(second)
    assert [line.path for line in second.cleanup] == ["/srv/e/.", "/srv/a"]


def test_a_directory_in_place_of_the_cleanup_file_fails_the_cleanup(site: Site) -> None:
    site.put({CLEANUP: None})
    assert failure(cleaned(site)) == ("cleanup", f"Is a directory @ io_fread - {CLEANUP}")


def test_a_cleanup_file_that_is_a_link_to_a_file_is_read(site: Site) -> None:
    site.put({"/srv/a": "a", f"{INSTRUCTIONS}/list": "/srv/a\n", CLEANUP: Link("list")})
    assert told(cleaned(site).effects) == {"removed": ["/srv/a"]}


def test_a_cleanup_file_that_is_a_dangling_link_does_not_exist(site: Site) -> None:
    site.put({CLEANUP: Link("nowhere")})
    verdict = cleaned(site)
    assert (verdict.outcome, told(verdict.effects)) == ("succeeds", {})


def test_a_line_that_names_a_file_of_the_new_revision_removes_it_before_it_is_copied(site: Site) -> None:
    archive = f"/opt/codedeploy-agent/deployment-root/{GROUP}/d-NEXT00001/deployment-archive"
    site.cleanup(f"{archive}/app/a")
    verdict = site.deploy(site.revision({"app/a": "a", "app/b": "b"}))
    assert told(verdict.effects) == {"added": ["/srv", "/srv/app", "/srv/app/b"]}


def test_a_directory_the_cleanup_could_not_remove_is_listed_by_no_cleanup_file_from_then_on(site: Site) -> None:
    site.put({"/srv/app/a": "a", "/srv/app/upload": "u"})
    site.cleanup("/srv/app", "/srv/app/a")
    first, second = site.chain(site.revision({"app/b": "b"}), site.revision({}, appspec()))
    assert actions(first)["/srv/app"] == "not-empty"
    assert actions(second) == {"/srv/app/b": "removed"}


def test_a_line_that_names_the_cleanup_file_itself_makes_deleting_it_fail(site: Site) -> None:
    site.put({"/srv/a": "a"})
    site.cleanup("/srv/a", CLEANUP)
    first, second = site.chain(site.revision({}, appspec()), site.revision({}, appspec()))
    assert failure(first) == ("cleanup", f"No such file or directory @ apply2files - {CLEANUP}")
    assert told(first.effects) == {"removed": ["/srv/a"]}
    assert second.outcome == "succeeds"  # there is no cleanup file any more


def test_the_working_directory_itself_cannot_be_removed(site: Site) -> None:
    site.cleanup("./.")
    assert failure(cleaned(site)) == ("cleanup", "Invalid argument @ dir_s_rmdir - ./.")
    site.cleanup("missing/.")
    assert (cleaned(site).outcome, actions(cleaned(site))) == ("succeeds", {"missing/.": "unknown"})
