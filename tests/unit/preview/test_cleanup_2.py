"""The cleanup of version 2, where it differs from version 1's."""

from __future__ import annotations

import os

import pytest

from tests.support import posix_only
from tui.preview.records import Verdict

from .building import CLEANUP, Link, Site, actions, appspec, failure, stays, told


def cleaned(site: Site) -> Verdict:
    """A deployment that copies nothing, so that its cleanup alone shows."""
    return site.deploy(site.revision({}, appspec()))


def test_v2_a_dangling_link_stays_and_its_directory_too(site_2: Site) -> None:
    site_2.put({"/srv/app/l": Link("nowhere")})
    site_2.cleanup("/srv/app", "/srv/app/l")
    verdict = cleaned(site_2)
    assert told(verdict.effects) == {}
    assert actions(verdict) == {"/srv/app/l": "kept-dangling", "/srv/app": "not-empty"}
    assert stays(verdict)["/srv/app/l"] == "dangling link, which version 2 takes for absent"


def test_v2_a_link_whose_target_was_removed_a_moment_before_stays(site_2: Site) -> None:
    site_2.put({"/srv/app/l": Link("t"), "/srv/app/t": "t"})
    site_2.cleanup("/srv/app", "/srv/app/l", "/srv/app/t")
    verdict = cleaned(site_2)
    assert told(verdict.effects) == {"removed": ["/srv/app/t"]}
    assert actions(verdict)["/srv/app/l"] == "kept-dangling"


def test_v2_a_link_whose_target_is_removed_after_it_goes(site_2: Site) -> None:
    site_2.put({"/srv/app/l": Link("t"), "/srv/app/t": "t"})
    site_2.cleanup("/srv/app", "/srv/app/t", "/srv/app/l")
    assert told(cleaned(site_2).effects) == {"removed": ["/srv/app", "/srv/app/l", "/srv/app/t"]}


def test_v2_a_live_link_is_unlinked_itself(site_2: Site) -> None:
    site_2.put({"/data/d/x": "x", "/data/f": "f", "/srv/d": Link("/data/d"), "/srv/f": Link("/data/f")})
    site_2.cleanup("/srv/d", "/srv/f")
    assert told(cleaned(site_2).effects) == {"removed": ["/srv/d", "/srv/f"]}


def test_v2_a_link_loop_is_taken_for_absent(site_2: Site) -> None:
    site_2.put({"/srv/loop": Link("loop")})
    site_2.cleanup("/srv/loop")
    assert actions(cleaned(site_2)) == {"/srv/loop": "kept-dangling"}


@posix_only
def test_v2_a_file_that_others_may_write_is_deleted_and_nothing_is_removed(site_2: Site) -> None:
    site_2.put({"/srv/app/a": "old"})
    site_2.cleanup("/srv/app", "/srv/app/a")
    site_2.place(CLEANUP).chmod(0o664)
    revision = site_2.revision({"app/b": "b"})
    first, second = site_2.chain(revision, site_2.revision({}, appspec()))
    assert (first.outcome, told(first.effects)) == ("succeeds", {"added": ["/srv/app/b"]})
    assert actions(first) == {"/srv/app/a": "skipped", "/srv/app": "skipped"}
    assert actions(second) == {"/srv/app/b": "removed"}


@posix_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_v2_a_file_of_another_user_is_deleted_and_nothing_is_removed(site_2: Site) -> None:
    site_2.put({"/srv/a": "a"})
    site_2.cleanup("/srv/a")
    os.chown(site_2.place(CLEANUP), 12345, 0)
    assert actions(cleaned(site_2)) == {"/srv/a": "skipped"}


@posix_only
def test_v2_a_file_of_the_agents_own_user_that_others_may_read_is_run(site_2: Site) -> None:
    site_2.put({"/srv/a": "a"})
    site_2.cleanup("/srv/a")
    site_2.place(CLEANUP).chmod(0o755)
    assert actions(cleaned(site_2)) == {"/srv/a": "removed"}


def test_v2_the_cleanup_file_is_opened_through_links(site_2: Site) -> None:
    site_2.put({"/srv/a": "a", "/data/list": "/srv/a\n", CLEANUP: Link("/data/list")})
    site_2.place("/data/list").chmod(0o644)
    assert actions(cleaned(site_2)) == {"/srv/a": "removed"}


@posix_only
def test_v2_a_cleanup_file_that_is_a_pipe_is_passed_over(site_2: Site) -> None:
    site_2.put({"/srv/a": "a"})
    os.mkfifo(site_2.place(CLEANUP))
    verdict = cleaned(site_2)
    assert (verdict.outcome, told(verdict.effects)) == ("succeeds", {})


def test_v2_a_directory_in_its_place_fails_install(site_2: Site) -> None:
    site_2.put({CLEANUP: None})
    assert failure(cleaned(site_2))[0] == "cleanup"


def test_v2_a_file_that_is_not_utf8_fails_every_install_and_stays(site_2: Site) -> None:
    site_2.put({"/srv/a": "a"})
    site_2.cleanup(raw=b"/srv/a\n/srv/\xff")  # even where only the dropped last line is not
    nothing = site_2.revision({}, appspec())
    first, second = site_2.chain(nothing, nothing)
    assert (first.outcome, told(first.effects)) == ("fails", {})
    assert failure(first) == failure(second)


def test_v2_an_unterminated_last_line_is_dropped(site_2: Site) -> None:
    site_2.put({"/srv/a": "a", "/srv/b": "b"})
    site_2.cleanup(raw=b"/srv/a\n/srv/b")
    assert told(cleaned(site_2).effects) == {"removed": ["/srv/a"]}


@posix_only
@pytest.mark.parametrize("space", ["\u00a0", "\u0085", "\u2000", "\u200a", "\u2028", "\u2029", "\u3000", " ", "\t"])
def test_v2_lines_are_stripped_of_all_unicode_white_space(site_2: Site, space: str) -> None:
    site_2.put({f"/srv/a{space}": "kept", "/srv/a": "gone"})
    site_2.cleanup(f"{space}/srv/a{space}")
    verdict = cleaned(site_2)
    assert told(verdict.effects) == {"removed": ["/srv/a"]}
    assert "not-listed-whole" in actions(verdict).values()


@pytest.mark.parametrize("line", ["/srv/a\0", "\0/srv/a", "/srv/\0a", "/../srv/a", "/srv/../../srv/a", "../srv/a", ""])
def test_v2_lines_with_nul_or_that_climb_above_their_root_and_empty_ones_are_skipped(site_2: Site, line: str) -> None:
    site_2.put({"/srv/a": "a", "/srv/b": "b"})
    site_2.cleanup("/srv/b", line)
    verdict = cleaned(site_2)
    assert told(verdict.effects) == {"removed": ["/srv/b"]}
    assert verdict.outcome == "succeeds"


def test_v2_dots_that_stay_below_the_root_are_followed(site_2: Site) -> None:
    site_2.put({"/srv/a": "a", "/srv/e": None})
    site_2.cleanup("/srv/e/../a")
    assert told(cleaned(site_2).effects) == {"removed": ["/srv/a"]}


def test_v2_a_semanage_line_removes_no_file(site_2: Site) -> None:
    site_2.put({"/srv/a": "a"})
    site_2.cleanup("semanage\0/srv/a")
    assert actions(cleaned(site_2)) == {"/srv/a": "context"}


def test_v2_a_relative_line_starts_at_the_root(site_2: Site) -> None:
    site_2.put({"/srv/a": "a"})
    site_2.cleanup("srv/a")
    verdict = cleaned(site_2)
    assert told(verdict.effects) == {"removed": ["/srv/a"]}
    assert actions(verdict) == {"/srv/a": "removed"}
    site_2.cwd = "/srv"
    assert actions(cleaned(site_2)) == {"/srv/a": "removed"}


def test_v2_removals_run_in_reverse_order_and_what_is_not_empty_is_left(site_2: Site) -> None:
    site_2.put({"/srv/app/a": "a", "/srv/full/x": "x"})
    site_2.cleanup("/srv/app", "/srv/full", "/srv/app/a")
    verdict = cleaned(site_2)
    assert told(verdict.effects) == {"removed": ["/srv/app", "/srv/app/a"]}
    assert actions(verdict)["/srv/full"] == "not-empty"


def test_v2_errors_other_than_not_empty_stop_the_removal_and_keep_the_file(site_2: Site) -> None:
    site_2.put({"/srv/first": "", "/srv/link": Link("e"), "/srv/e": None, "/srv/last": ""})
    site_2.cleanup("/srv/first", "/srv/link/", "/srv/last")
    nothing = site_2.revision({}, appspec())
    first, second = site_2.chain(nothing, nothing)
    assert failure(first)[0] == failure(second)[0] == "cleanup"
    assert told(first.effects) == {"removed": ["/srv/last"]}


def test_v2_a_line_with_a_slash_at_its_end_where_a_link_stands_fails_with_enotdir(site_2: Site) -> None:
    site_2.put({"/data/x": "", "/srv/app": Link("/data")})
    site_2.cleanup("/srv/app/")
    phase, message = failure(cleaned(site_2))
    assert phase == "cleanup"
    assert message.startswith("Not a directory (os error 20)")


def test_v2_a_directory_with_a_slash_at_its_end_is_removed(site_2: Site) -> None:
    site_2.put({"/srv/app": None})
    site_2.cleanup("/srv/app/")
    assert told(cleaned(site_2).effects) == {"removed": ["/srv/app"]}
