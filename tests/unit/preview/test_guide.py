"""Where the AWS guide tells another story: each note, on real files, where it applies and where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.support import can_link
from tui.preview.guide import guide_notes
from tui.preview.records import Behavior, Ending, Step, Verdict

from .building import DISALLOW, GROUP, OVERWRITE, RETAIN, Link, Site, failure

RETAINED = "kept and recorded as part of the deployment. Agent: kept, and in no record"
OVERWRITTEN = "The next deployment takes it away, and no rollback brings back what was there before."
NOT_EMPTY = "a directory that is not empty stays"
DANGLING = "version 2 takes a link to what is not there for absent, and leaves it"
CUT = "is not the path that was meant, which stays"
LATE = "it fails when its cleanup is done, and leaves no cleanup file"
LEFT_ALONE = "its cleanup leaves what was retained"
GONE = "is gone for good"
OPTION = "a rollback has the option of the deployment that it goes back to"
LAST_INSTALL = "Guide: first, all files that were last successfully installed are removed. Agent: "


def noted(verdict: Verdict, part: str) -> list[str]:
    """The notes that have a part."""
    return [note for note in verdict.guide if part in note]


def only(verdict: Verdict, part: str) -> str:
    (note,) = noted(verdict, part)
    assert note.startswith("Guide: ") and (" Agent: " in note or part == OPTION)
    return note


def test_retained_files_are_in_no_record(site: Site) -> None:
    site.put({"/srv/app/a": "theirs", "/srv/app/b": "theirs"})
    revision = site.revision({"app/a": "a", "app/b": "b", "app/c": "c"})
    assert "(2 files)" in only(site.deploy(revision, RETAIN), RETAINED)
    assert noted(site.deploy(revision, OVERWRITE), RETAINED) == []
    assert noted(site.deploy(site.revision({"app/c": "c"}), RETAIN), RETAINED) == []


def test_overwritten_files_go_with_the_next_deployment(site: Site) -> None:
    site.put({"/srv/app/a": "theirs"})
    revision = site.revision({"app/a": "a", "app/c": "c"})
    assert "(1 file)" in only(site.deploy(revision, OVERWRITE), OVERWRITTEN)
    assert noted(site.deploy(revision, RETAIN), OVERWRITTEN) == []


def test_directories_that_are_not_empty_stay(site: Site) -> None:
    site.put({"/srv/app/a": "a", "/srv/app/theirs": "x"})
    site.cleanup("/srv/app", "/srv/app/a")
    assert "(1)" in only(site.deploy(site.revision({})), NOT_EMPTY)
    site.cleanup("/srv/app/a")
    assert noted(site.deploy(site.revision({})), NOT_EMPTY) == []


@pytest.mark.skipif(not can_link(), reason="this system has no symbolic links")
def test_version_2_leaves_dangling_links(site_2: Site) -> None:
    site_2.put({"/srv/app/l": Link("/nowhere")})
    site_2.cleanup("/srv/app/l")
    assert "(1)" in only(site_2.deploy(site_2.revision({})), DANGLING)


def test_lines_that_are_not_the_path_that_was_meant(site: Site) -> None:
    site.put({"/srv/app/a": "a"})
    site.cleanup(raw=b"/srv/app/x\n/srv/app/a")
    assert "(1)" in only(site.deploy(site.revision({})), CUT)


def test_a_deployment_that_fails_before_it_copies_has_removed_the_application(site: Site) -> None:
    site.put({"/srv/app/a": "a", "/srv/app/b": "theirs"})
    site.cleanup("/srv/app/a")
    verdict = site.deploy(site.revision({"app/b": "b"}), DISALLOW)
    assert failure(verdict)[0] == "instructions"
    assert "(1 path)" in only(verdict, LATE)
    site.cleanup()
    assert noted(site.deploy(site.revision({"app/b": "b"}), DISALLOW), LATE) == []


def test_nothing_is_said_where_both_tell_the_same(site: Site) -> None:
    site.put({"/srv/app/a": "a"})
    site.cleanup("/srv/app", "/srv/app/a")
    assert site.deploy(site.revision({"app/a": "a"})).guide == ()


# -- chains


@pytest.fixture
def story(site: Site) -> Iterator[Story]:
    """The guide's: an operator's files that revision 1, revision 2 or both have, too."""
    site.put({"/srv/app/both": "theirs", "/srv/app/first": "theirs", "/srv/app/second": "theirs"})
    yield Story(site)


class Story:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.one = site.revision({"app/x": "1", "app/both": "1", "app/first": "1"})
        self.two = site.revision({"app/x": "2", "app/both": "2", "app/second": "2"})

    def told(self, last: Behavior = RETAIN, ending: Ending = Ending.IN_SCRIPT) -> Sequence[Verdict]:
        return self.site.chain(
            (self.one, RETAIN), Step(GROUP, self.two, OVERWRITE, ending), Step(GROUP, self.one, last)
        )


def test_the_cleanup_after_a_retain_leaves_what_was_retained(story: Story) -> None:
    first, second, third = story.told()
    note = only(second, LEFT_ALONE)
    assert "step 1 retained" in note and "(2 files)" in note and note.endswith("copied over after that: 1.")
    assert noted(first, LEFT_ALONE) == noted(third, LEFT_ALONE) == []


def test_what_a_failed_deployment_overwrote_is_gone_in_the_rollback(story: Story) -> None:
    first, second, third = story.told()
    note = only(third, GONE)
    assert "what step 2 copied over was there until now, and this deployment's cleanup removes it (2 files)" in note
    assert "in its place the revision puts its own: 1." in note
    assert note.endswith("Of what step 1 retained, this is still there as it was: 1 file.")
    assert noted(first, GONE) == noted(second, GONE) == []


def test_the_guide_does_not_need_a_failure_for_that(story: Story) -> None:
    *_, third = story.told(ending=Ending.FORETOLD)
    assert noted(third, GONE) and not noted(third, LAST_INSTALL)


def test_without_anything_overwritten_nothing_is_gone(site: Site) -> None:
    one, two = site.revision({"app/a": "1"}), site.revision({"app/b": "2"})
    *_, third = site.chain((one, RETAIN), Step(GROUP, two, OVERWRITE, Ending.IN_SCRIPT), (one, RETAIN))
    assert not noted(third, GONE) and not noted(third, LEFT_ALONE)


def test_a_rollback_removes_what_the_failed_deployment_put_there(story: Story) -> None:
    *_, third = story.told()
    assert only(third, LAST_INSTALL).endswith("that of step 2, though that deployment failed later.")
    *_, third = story.told(ending=Ending.IN_INSTALL)
    assert only(third, LAST_INSTALL).endswith("it removes what step 2 had put there when it failed.")


def test_a_rollback_removes_nothing_after_a_failure_before_the_copies(site: Site) -> None:
    site.put({"/srv/app/theirs": "x"})
    one, two = site.revision({"app/a": "1"}), site.revision({"app/theirs": "2"})
    first, second, third = site.chain(one, two, one)
    assert failure(second)[0] == "instructions" and third.cleanup == []
    assert only(third, LAST_INSTALL).endswith(
        "it removes nothing: step 2 did, and failed before it left a new cleanup file."
    )
    assert not noted(first, LAST_INSTALL) and not noted(second, LAST_INSTALL)


def test_a_rollback_has_the_option_of_what_it_goes_back_to(story: Story) -> None:
    *_, third = story.told(last=DISALLOW)
    assert only(third, OPTION).endswith("RETAIN (step 1). It is played with DISALLOW here.")
    *_, third = story.told()
    assert noted(third, OPTION) == []
    *_, third = story.told(last=DISALLOW, ending=Ending.FORETOLD)
    assert noted(third, OPTION) == []


def test_other_groups_deployments_do_not_count() -> None:
    def verdict(group: str, **more: object) -> Verdict:
        return Verdict(group, "r", RETAIN, "option", 1, **more)  # type: ignore[arg-type]

    before = [verdict("other", retained=("/a",), ending=Ending.IN_SCRIPT), verdict("mine")]
    assert guide_notes(verdict("mine"), before) == ()
    assert guide_notes(verdict("other"), before) != ()
