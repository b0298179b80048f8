"""Several deployments in a row, each carried forward on what the one before leaves."""

from __future__ import annotations

import os

from tui.preview.records import NEW_GROUP, Ending, Step

from .building import APP, DISALLOW, GROUP, OVERWRITE, RETAIN, Link, Site, actions, appspec, failure, step, told


def test_a_retained_file_is_in_no_record_and_survives_the_next_cleanup(any_site: Site) -> None:
    any_site.put({"/srv/app/a": "an operator's"})
    revision = any_site.revision({"app/a": "ours", "app/b": "b"})
    first, second = any_site.chain((revision, RETAIN), any_site.revision({}, appspec()))
    assert list(first.retained) == ["/srv/app/a"]
    assert told(second.effects) == {"removed": ["/srv/app/b"]}


def test_an_overwritten_file_is_in_the_record_and_gone_at_the_next_cleanup(any_site: Site) -> None:
    any_site.put({"/srv/app/a": "an operator's"})
    revision = any_site.revision({"app/a": "ours"})
    first, second = any_site.chain((revision, OVERWRITE), any_site.revision({}, appspec()))
    assert told(first.effects) == {"changed": ["/srv/app/a"]}
    assert told(second.effects) == {"removed": ["/srv/app/a"]}


def test_a_rollback_with_retain_does_not_bring_the_file_back(site: Site) -> None:
    site.put({"/srv/app/a": "an operator's"})
    good, bad = site.revision({"app/b": "1"}), site.revision({"app/a": "ours", "app/b": "2"})
    preview = site.preview(
        step((good, RETAIN)), step((bad, OVERWRITE), Ending.IN_SCRIPT), step((good, RETAIN)),
    )  # fmt: skip
    assert told(preview.verdicts[2].effects) == {"removed": ["/srv/app/a"], "changed": ["/srv/app/b"]}
    assert told(preview.total) == {"removed": ["/srv/app/a"], "added": ["/srv/app/b"]}
    assert [lost.path for lost in preview.lost] == ["/srv/app/a"]


def test_the_guides_three_deployments(site: Site) -> None:
    """a to d come with the revision, scripts make e and f; then OVERWRITE brings an e, fails, and RETAIN rolls back."""
    for name in "abcd":
        site.put({f"/srv/temp/{name}.txt": name})
    site.put({"/srv/temp/e.txt": "a script's", "/srv/temp/f.txt": "a script's"})
    site.cleanup(*(f"/srv/temp/{name}.txt" for name in "abcd"))
    first = site.revision({f"app/{name}.txt": name for name in "abcd"}, appspec(("app", "/srv/temp")))
    second = site.revision({f"app/{name}.txt": f"{name}2" for name in "abcde"}, appspec(("app", "/srv/temp")))
    preview = site.preview(step((second, OVERWRITE), Ending.IN_SCRIPT), step((first, RETAIN)))
    upgrade, rollback = preview.verdicts
    changed = [f"/srv/temp/{name}.txt" for name in "abcde"]
    assert told(upgrade.effects) == {"changed": changed}
    assert list(upgrade.overwritten) == ["/srv/temp/e.txt"]
    assert told(rollback.effects) == {"removed": ["/srv/temp/e.txt"], "changed": changed[:4]}
    assert upgrade.guide
    assert told(preview.total) == {"removed": ["/srv/temp/e.txt"]}


def test_a_failed_disallow_takes_the_app_away_and_every_retry_fails_the_same_way(site: Site) -> None:
    site.put({"/srv/app/a": "1", "/srv/app/log": "a log"})
    site.cleanup("/srv/app", "/srv/app/a")
    revision = site.revision({"app/a": "2", "app/log": "brought along"})
    first, second, third = site.chain(revision, revision, revision)
    assert told(first.effects) == {"removed": ["/srv/app/a"]}
    assert told(second.effects) == told(third.effects) == {}
    assert failure(first) == failure(second) == failure(third)


def test_an_ending_in_install_fails_with_all_files_in_place_and_listed(site: Site) -> None:
    site.put({"/srv": None})
    preview = site.preview(step(site.revision({"app/a": "a"}), Ending.IN_INSTALL), step(site.revision({}, appspec())))
    first, second = preview.verdicts
    assert (first.outcome, first.failure) == ("fails", None)
    assert told(first.effects) == {"added": ["/srv/app", "/srv/app/a"]}
    assert actions(second) == {"/srv/app/a": "removed", "/srv/app": "removed"}
    assert told(preview.total) == {}


def test_an_ending_in_a_script_counts_as_the_last_completed_install(site: Site) -> None:
    hooks = {"ApplicationStop": [{"location": "stop.sh"}]}
    revision = site.revision({"stop.sh": "#!"}, appspec(hooks=hooks))
    for ending, runs in ((Ending.IN_SCRIPT, 1), (Ending.IN_INSTALL, 0)):
        preview = site.preview(step(revision, ending), step(site.revision({}, appspec())))
        assert len(preview.verdicts[1].scripts) == runs


def test_two_groups_in_one_chain_keep_their_own_records(site: Site) -> None:
    site.put({"/srv": None})
    spec = appspec(("app", "/srv/shared"))
    ours, theirs = site.revision({"app/a": "a"}, spec), site.revision({"app/b": "b"}, spec)
    preview = site.preview(
        Step(GROUP, ours, None), Step("another", theirs, None), Step(GROUP, site.revision({}, appspec()), None)
    )
    assert told(preview.verdicts[1].effects) == {"added": ["/srv/shared/b"]}
    assert actions(preview.verdicts[2]) == {"/srv/shared/a": "removed", "/srv/shared": "not-empty"}


def test_a_group_that_is_not_on_the_instance_starts_with_nothing(site: Site) -> None:
    site.put({"/srv": None})
    verdict = site.preview(Step("new-group", site.revision({"app/a": "a"}), None)).verdicts[0]
    assert told(verdict.effects) == {"added": ["/srv/app", "/srv/app/a"]}


def test_what_one_step_does_and_the_next_undoes_is_no_net_difference(site: Site) -> None:
    site.put({"/srv/app/a": "1"})
    site.cleanup("/srv/app/a")
    one, two = site.revision({"app/a": "1"}), site.revision({"app/a": "2"})
    preview = site.preview(step(two), step(one))
    assert [told(verdict.effects) for verdict in preview.verdicts] == [{"changed": ["/srv/app/a"]}] * 2
    assert told(preview.total) == {}


def test_a_revision_that_cannot_be_unpacked_never_comes_to_its_install_event(site: Site) -> None:
    site.put({"/srv/a": "a"})
    site.cleanup("/srv/a")
    broken = site.revision({})
    broken = type(broken)("broken.zip", broken.tree, None, "it is no archive")
    first, second = site.chain(broken, site.revision({}, appspec()))
    assert failure(first) == ("download", "it is no archive")
    assert told(first.effects) == {}
    assert told(second.effects) == {"removed": ["/srv/a"]}


def test_all_behaviors_are_played_beside_each_other_and_leave_no_trace_in_the_chains_own(site: Site) -> None:
    site.put({"/srv/app/a": "there", "/srv/old": "o"})
    site.cleanup("/srv/old")
    revision = site.revision({"app/a": "ours", "app/b": "b"})
    together = site.preview(Step(GROUP, revision, RETAIN), all_behaviors=True)
    alone = {behavior: site.deploy(revision, behavior) for behavior in (DISALLOW, OVERWRITE, RETAIN)}
    assert {b: told(verdict.effects) for b, verdict in together.by_behavior.items()} == {
        b: told(verdict.effects) for b, verdict in alone.items()
    }
    assert together.verdicts[0] == alone[RETAIN]


def test_an_appspecs_behavior_makes_all_behaviors_the_same(site: Site) -> None:
    site.put({"/srv/app/a": "there"})
    revision = site.revision({"app/a": "ours"}, appspec(("app", "/srv/app"), behavior="OVERWRITE"))
    by_behavior = site.preview(Step(GROUP, revision, None), all_behaviors=True).by_behavior
    assert {verdict.behavior_from for verdict in by_behavior.values()} == {"appspec"}
    assert {verdict.outcome for verdict in by_behavior.values()} == {"succeeds"}


def test_what_is_written_under_one_name_of_a_file_is_in_its_other_name_too(site: Site) -> None:
    site.put({"/srv/app/a": "old"})
    os.link(site.place("/srv/app/a"), site.place("/srv/app/z"))
    site.deployed({"appspec.yml": APP})
    first, second = site.chain(
        (site.revision({"app/a": "new"}), OVERWRITE), (site.revision({"app/z": "new"}), OVERWRITE)
    )
    assert told(first.effects) == {"changed": ["/srv/app/a", "/srv/app/z"]}
    assert told(second.effects) == {"removed": ["/srv/app/a"]}


def test_what_is_possible_in_one_step_stays_only_possible_in_the_whole(site: Site) -> None:
    site.put({"/srv/one/m": "file", "/srv/two/m": "file"})
    one, two = (
        site.revision({"app/a": "a", "app/m/x": "x"}, appspec(("app", place))) for place in ("/srv/one", "/srv/two")
    )
    preview = site.preview(Step(GROUP, one, None), Step("other", two, None))
    assert [told(verdict.possibly) for verdict in preview.verdicts] == [
        {"added": ["/srv/one/a"]}, {"added": ["/srv/two/a"]},
    ]  # fmt: skip
    assert (told(preview.total), told(preview.possibly)) == ({}, {"added": ["/srv/one/a", "/srv/two/a"]})


def test_a_group_that_was_never_deployed_here_meets_what_stands_there(any_site: Site) -> None:
    any_site.put({"/srv/app/a": "another group's"})
    any_site.cleanup("/srv/app/a")
    revision = any_site.revision({"app/a": "ours", "app/b": "b"})
    preview = any_site.preview(Step(NEW_GROUP, revision, None), Step(NEW_GROUP, revision, OVERWRITE))
    first, second = preview.verdicts
    assert (failure(first)[0], len(first.cleanup)) == ("instructions", 0)
    assert told(second.effects) == {"added": ["/srv/app/b"], "changed": ["/srv/app/a"]}
    assert [any("its first one here" in note for note in verdict.notes) for verdict in preview.verdicts] == [
        True,
        False,
    ]


def test_after_a_success_nothing_is_said_of_a_failure_midway(site: Site) -> None:
    site.put({"/srv/app/a": "2", "/srv/app/b": Link("a")})
    first, second = site.chain(
        (site.revision({"app/a": "1", "app/b": "2"}), OVERWRITE), (site.revision({"app/a": "1"}), OVERWRITE)
    )
    assert first.outcome == "succeeds" and told(first.possibly) == {"changed": ["/srv/app/a"]}
    assert not any("fails midway" in note for note in second.notes)
