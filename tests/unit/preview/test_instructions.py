"""Making the instructions: sources, destinations, what exists, and what the file-exists behavior does about it."""

from __future__ import annotations

from typing import Optional

import pytest

from tui.preview.records import Behavior

from .building import APP, ARCHIVE, DISALLOW, OVERWRITE, RETAIN, Link, Site, appspec, failure, listed, told

EXISTS = "The deployment failed because a specified file already exists at this location: "


# -- sources ------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["/", "", ".", "./", "app/..", "//"])
def test_the_whole_revision_is_copied_appspec_and_scripts_included(site: Site, source: str) -> None:
    spec = appspec((source, "/srv/app"))
    verdict = site.deploy(site.revision({"app/a": "a", "scripts/s.sh": "#!"}, spec))
    assert told(verdict.effects)["added"] == [
        "/srv", "/srv/app", "/srv/app/app", "/srv/app/app/a", "/srv/app/appspec.yml", "/srv/app/scripts",
        "/srv/app/scripts/s.sh",
    ]  # fmt: skip


def test_a_source_may_be_a_list(site: Site) -> None:
    verdict = site.deploy(site.revision({"app/d/a": "a"}, appspec((["app", "d"], "/srv"))))
    assert told(verdict.effects)["added"] == ["/srv", "/srv/a"]


@pytest.mark.parametrize("source", ["app", "/app", "app/", "//app//", "./app/.", "app/../app", "link"])
def test_a_source_that_is_a_directory_is_copied_entry_by_entry_into_the_destination(site: Site, source: str) -> None:
    site.put({"/srv": None})
    files = {"app/a": "a", "app/d/b": "b", "app/e": None, "link": Link("app")}
    verdict = site.deploy(site.revision(files, appspec((source, "/srv/app"))))
    assert told(verdict.effects) == {
        "added": ["/srv/app", "/srv/app/a", "/srv/app/d", "/srv/app/d/b", "/srv/app/e"],
    }


def test_a_source_that_is_a_file_goes_to_its_name_in_the_destination(site: Site) -> None:
    site.put({"/srv": None})
    verdict = site.deploy(site.revision({"app/conf.txt": "c"}, appspec(("app/conf.txt", "/srv/app"))))
    assert told(verdict.effects) == {"added": ["/srv/app", "/srv/app/conf.txt"]}


def test_an_entry_that_is_a_link_to_a_directory_is_walked_as_a_directory(site: Site) -> None:
    site.put({"/srv/app": None})
    verdict = site.deploy(site.revision({"app/d/x": "x", "app/l": Link("d")}))
    assert told(verdict.effects) == {"added": ["/srv/app/d", "/srv/app/d/x", "/srv/app/l", "/srv/app/l/x"]}


def test_a_source_that_is_a_link_to_a_file_is_copied_as_a_link(site: Site) -> None:
    site.put({"/srv/app": None})
    spec = appspec(("l", "/srv/app"))
    first, second = site.chain(site.revision({"l": Link("appspec.yml")}, spec), site.revision({}, appspec()))
    assert told(first.effects) == {"added": ["/srv/app/l"]}
    assert told(second.effects) == {"removed": ["/srv/app/l"]}


def test_a_missing_source_is_taken_for_a_file_and_fails_in_the_install(site: Site) -> None:
    site.put({"/srv": None})
    verdict = site.deploy(site.revision({}, appspec(("nope", "/srv/app"))))
    assert failure(verdict) == ("install", f"No such file or directory @ rb_sysopen - {ARCHIVE}/nope")
    assert told(verdict.effects) == {"added": ["/srv/app"]}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nope/", "No such file or directory @ rb_sysopen - {}/nope/"),
        ("one/", "Not a directory @ rb_sysopen - {}/one/"),
        ("nope/../one", "No such file or directory @ rb_sysopen - {}/nope/../one"),
    ],
)
def test_a_missing_source_is_named_as_the_appspec_writes_it(site: Site, source: str, message: str) -> None:
    verdict = site.deploy(site.revision({"one": "1"}, appspec((source, "/srv/app"))))
    assert failure(verdict) == ("install", message.format(ARCHIVE))


def test_a_missing_source_of_which_a_file_is_retained_succeeds(site: Site) -> None:
    site.put({"/srv/app/nope": "here"})
    revision = site.revision({}, appspec(("nope", "/srv/app")))
    assert site.deploy(revision, RETAIN).outcome == "succeeds"
    assert failure(site.deploy(revision)) == ("instructions", EXISTS + "/srv/app/nope")


def test_a_revisions_link_to_a_directory_of_the_instance_is_walked_as_it_is_after_the_cleanup(site: Site) -> None:
    site.put({"/data/stays": "s", "/data/goes": "g", "/srv/app": None})
    site.cleanup("/data/goes")
    verdict = site.deploy(site.revision({"app/l": Link("/data")}))
    assert told(verdict.effects) == {"removed": ["/data/goes"], "added": ["/srv/app/l", "/srv/app/l/stays"]}


def test_a_relative_link_out_of_the_revision_starts_in_the_archives_own_place(site: Site) -> None:
    site.put({"/srv/d/x": "x", "/srv/app": None})
    verdict = site.deploy(site.revision({"app/l": Link("../../../../../../../srv/d")}))
    assert told(verdict.effects) == {"added": ["/srv/app/l", "/srv/app/l/x"]}


def test_a_link_to_the_directory_itself_is_walked_until_40_links_stop_it(site: Site) -> None:
    site.put({"/srv/app": None})
    verdict = site.deploy(site.revision({"app/l": Link(".")}))
    directories = ["/srv/app" + "/l" * depth for depth in range(1, 42)]
    assert told(verdict.effects) == {"added": directories}


def test_a_link_to_the_parent_copies_all_of_it_again_and_again(site: Site) -> None:
    site.put({"/srv/app": None})
    verdict = site.deploy(site.revision({"app/l": Link("..")}, appspec(("/", "/srv/app"))))
    added = told(verdict.effects)["added"]
    assert "/srv/app" + "/app/l" * 3 + "/appspec.yml" in added
    assert "/srv/app" + "/app/l" * 41 in added
    assert "/srv/app" + "/app/l" * 41 + "/appspec.yml" not in added


# -- what exists --------------------------------------------------------------------------


def test_missing_parents_are_made_and_listed_and_those_that_exist_are_not(site: Site) -> None:
    site.put({"/srv": None})
    spec = appspec(("app", "/srv/one/two/three"))
    first, second = site.chain(site.revision({"app/a": "a"}, spec), site.revision({}, appspec()))
    made = ["/srv/one", "/srv/one/two", "/srv/one/two/three", "/srv/one/two/three/a"]
    assert told(first.effects) == {"added": made}
    assert listed(second) == made


def test_a_dangling_link_does_not_exist_so_that_disallow_lets_it_pass(site: Site) -> None:
    site.put({"/srv/app/a": Link("target")})
    verdict = site.deploy(site.revision({"app/a": "a"}), DISALLOW)
    assert (verdict.outcome, told(verdict.effects)) == ("succeeds", {"added": ["/srv/app/target"]})


def test_a_link_to_a_file_exists(site: Site) -> None:
    site.put({"/srv/app/a": Link("b"), "/srv/app/b": "b"})
    assert failure(site.deploy(site.revision({"app/a": "a"}))) == ("instructions", EXISTS + "/srv/app/a")


def test_a_link_to_a_directory_is_a_directory(site: Site) -> None:
    site.put({"/data/x": "x", "/srv/app/d": Link("/data")})
    verdict = site.deploy(site.revision({"app/d/a": "a"}))
    assert told(verdict.effects) == {"added": ["/data/a"]}
    assert list(verdict.written_through) == [("/srv/app/d/a", "/data/a")]


def test_a_directory_where_a_file_is_to_go_exists(site: Site) -> None:
    site.put({"/srv/app/a/x": "x"})
    assert failure(site.deploy(site.revision({"app/a": "a"}))) == ("instructions", EXISTS + "/srv/app/a")


# -- the file-exists behavior --------------------------------------------------------------


def test_disallow_fails_with_the_path_that_exists(site: Site) -> None:
    site.put({"/srv/app/a": "there"})
    verdict = site.deploy(site.revision({"app/a": "a", "app/b": "b"}), DISALLOW)
    assert failure(verdict) == ("instructions", EXISTS + "/srv/app/a")
    assert told(verdict.effects) == {}


def test_disallow_names_all_that_is_in_the_way_and_the_agent_only_the_first(site: Site) -> None:
    site.put({"/srv/app/a": "", "/srv/app/d/b": "", "/srv/app/c": ""})
    verdict = site.deploy(site.revision({"app/a": "a", "app/d/b": "b", "app/c": "c", "app/new": "n"}))
    assert {item.path for item in verdict.collisions} == {"/srv/app/a", "/srv/app/d/b", "/srv/app/c"}
    assert {item.message for item in verdict.collisions} == {EXISTS + item.path for item in verdict.collisions}


def test_overwrite_copies_over_what_exists(site: Site) -> None:
    site.put({"/srv/app/a": "old", "/srv/app/same": "same"})
    verdict = site.deploy(site.revision({"app/a": "new", "app/same": "same"}), OVERWRITE)
    assert told(verdict.effects) == {"changed": ["/srv/app/a"]}
    assert sorted(verdict.overwritten) == ["/srv/app/a", "/srv/app/same"]


def test_retain_makes_no_instruction_for_what_exists(site: Site) -> None:
    site.put({"/srv/app/a": "old"})
    verdict = site.deploy(site.revision({"app/a": "new", "app/b": "b"}), RETAIN)
    assert told(verdict.effects) == {"added": ["/srv/app/b"]}
    assert (list(verdict.retained), verdict.instructions) == (["/srv/app/a"], 1)


@pytest.mark.parametrize(
    ("option", "spec", "applies", "comes_from"),
    [
        (None, None, DISALLOW, "default"),
        (RETAIN, None, RETAIN, "option"),
        (DISALLOW, "RETAIN", RETAIN, "appspec"),
        (None, "OVERWRITE", OVERWRITE, "appspec"),
    ],
)
def test_the_appspecs_behavior_wins_over_the_option_and_none_is_disallow(
    site: Site, option: Optional[Behavior], spec: Optional[str], applies: Behavior, comes_from: str
) -> None:
    revision = site.revision({"app/a": "a"}, appspec(("app", "/srv/app"), behavior=spec))
    verdict = site.deploy(revision, option)
    assert (verdict.behavior, verdict.behavior_from) == (applies, comes_from)


def test_a_behavior_in_lower_case_is_refused_before_anything_is_removed(site: Site) -> None:
    site.put({"/srv/a": "a"})
    site.cleanup("/srv/a")
    verdict = site.deploy(site.revision({}, appspec(("app", "/srv"), behavior="retain")))
    assert failure(verdict)[0] == "appspec"
    assert "an invalid file_exists_behavior value (retain) was entered" in failure(verdict)[1]
    assert told(verdict.effects) == {}


# -- destinations -------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["/srv/app/", "/srv//app", "/srv/./app", "/srv/old/../app", "/srv/app/."])
def test_destinations_are_normalised(site: Site, written: str) -> None:
    site.put({"/srv/app": None, "/srv/old": None})
    revision = site.revision({"app/a": "a"}, appspec(("app", written)))
    first, second = site.chain(revision, site.revision({}, appspec()))
    assert told(first.effects) == {"added": ["/srv/app/a"]}
    assert listed(second) == ["/srv/app/a"]


@pytest.mark.parametrize("written", ["/srv/no/../app", "/srv/./app/../no/../app"])
def test_missing_parents_are_looked_for_in_the_destination_as_it_is_written(site: Site, written: str) -> None:
    site.put({"/srv": None})
    verdict = site.deploy(site.revision({"app/a": "a"}, appspec(("app", written))))
    assert failure(verdict)[0] == "install"
    assert failure(verdict)[1] in ("File exists @ dir_s_mkdir - /srv", "File exists @ dir_s_mkdir - /srv/app")


def test_two_slashes_at_the_start_survive(site: Site) -> None:
    site.put({"/srv": None})
    revision = site.revision({"app/a": "a"}, appspec(("app", "//srv//app")))
    first, second = site.chain(revision, site.revision({}, appspec()))
    assert told(first.effects) == {"added": ["/srv/app", "/srv/app/a"]}
    assert listed(second) == ["//srv/app", "//srv/app/a"]


def test_two_slashes_at_the_start_go_where_dots_lead_above_the_first_name(site: Site) -> None:
    site.put({"/srv/app": None})
    revision = site.revision({"app/a": "a"}, appspec(("app", "//srv/../srv/app")))
    _, second = site.chain(revision, site.revision({}, appspec()))
    assert listed(second) == ["/srv/app/a"]


def test_two_slashes_at_the_start_make_another_path_for_the_duplicate_check(site: Site) -> None:
    site.put({"/srv/app": None})
    spec = appspec(("one", "/srv/app"), ("two", "//srv/app"))
    verdict = site.deploy(site.revision({"one/a": "1", "two/a": "22"}, spec))
    assert (verdict.outcome, told(verdict.effects)) == ("succeeds", {"added": ["/srv/app/a"]})
    assert list(verdict.overwritten) == ["//srv/app/a"]


def test_a_tilde_is_expanded_when_the_directories_are_made_and_not_before(site: Site) -> None:
    site.put({"/root": None})
    verdict = site.deploy(site.revision({"app/a": "a"}, appspec(("app", "~/x"))))
    assert failure(verdict) == ("install", "File exists @ dir_s_mkdir - /root")


def test_a_tilde_works_where_the_home_is_missing(site: Site) -> None:
    verdict = site.deploy(site.revision({"app/a": "a"}, appspec(("app", "~/x"))))
    assert told(verdict.effects) == {"added": ["/root", "/root/x", "/root/x/a"]}


def test_a_relative_destination_starts_at_the_agents_working_directory(site: Site) -> None:
    site.put({"/start": None})
    site.cwd = "/start"
    revision = site.revision({"app/a": "a"}, appspec(("app", "new/x")))
    first, second = site.chain(revision, site.revision({}, appspec()))
    assert told(first.effects) == {"added": ["/start/new", "/start/new/x", "/start/new/x/a"]}
    assert listed(second) == ["/start/new", "/start/new/x", "/start/new/x/a"]


def test_an_empty_destination_is_the_root_for_a_file(site: Site) -> None:
    verdict = site.deploy(site.revision({"name": "n"}, appspec(("name", ""))))
    assert told(verdict.effects) == {"added": ["/name"]}


def test_a_space_at_the_start_of_a_destination_is_part_of_a_relative_path(site: Site) -> None:
    site.cwd = "/"
    verdict = site.deploy(site.revision({"app/a": "a"}, appspec(("app", " /srv/a"))))
    assert told(verdict.effects) == {"added": ["/ ", "/ /srv", "/ /srv/a", "/ /srv/a/a"]}


def test_messages_name_the_destination_as_it_is_written(site: Site) -> None:
    site.put({"/srv/app/a": ""})
    verdict = site.deploy(site.revision({"app/a": "a"}, appspec(("app", "/srv/./app/"))))
    assert failure(verdict)[1] == EXISTS + "/srv/./app/a"


@pytest.mark.parametrize(
    ("source", "destination", "message"),
    [
        (3, "/srv", "no implicit conversion of Integer into String"),
        ("app", True, "no implicit conversion of true into String"),
        ({"a": 1}, "/srv", "no implicit conversion of Hash into String"),
        ("app", ["/srv"], "no implicit conversion of Array into String"),
        ("app", "/srv/a\0b", "path name contains null byte"),
        ("a\0b", "/srv/app", "string contains null byte"),
    ],
)
def test_what_is_no_path_fails_after_the_cleanup(site: Site, source: object, destination: object, message: str) -> None:
    site.put({"/srv/old": ""})
    site.cleanup("/srv/old")
    verdict = site.deploy(site.revision({"app/a": "a"}, appspec((source, destination))))
    assert failure(verdict) == ("instructions", message)
    assert told(verdict.effects) == {"removed": ["/srv/old"]}


# -- what two mappings do to each other ----------------------------------------------------


def test_two_sources_for_one_destination_fail(site: Site) -> None:
    spec = appspec(("one/f", "/srv/app"), ("two/f", "/srv/app"))
    verdict = site.deploy(site.revision({"one/f": "1", "two/f": "2"}, spec))
    assert failure(verdict) == (
        "instructions",
        "The deployment failed because the application specification file specifies two source files named "
        f"{ARCHIVE}/two/f and {ARCHIVE}/one/f for the same destination (/srv/app/f). Remove one of the source file "
        "paths from the AppSpec file, and then try again.",
    )


def test_two_sources_for_one_file_that_is_retained_succeed(site: Site) -> None:
    site.put({"/srv/app/f": ""})
    spec = appspec(("one/f", "/srv/app"), ("two/f", "/srv/app"))
    assert site.deploy(site.revision({"one/f": "1", "two/f": "2"}, spec), RETAIN).outcome == "succeeds"


def test_a_directory_to_be_made_where_a_file_is_copied_fails(site: Site) -> None:
    spec = appspec(("f/d", "/srv/app"), ("app", "/srv/app"))
    verdict = site.deploy(site.revision({"f/d": "file", "app/d/x": "x"}, spec))
    assert failure(verdict) == (
        "instructions",
        "The deployment failed because the application specification file includes an mkdir command more than once "
        f"for the same destination path (/srv/app/d) from ({ARCHIVE}/f/d). Update the files section of the AppSpec "
        "file, and then try again.",
    )


def test_a_file_where_a_directory_is_to_be_made_fails(site: Site) -> None:
    spec = appspec(("app", "/srv/app"), ("f/d", "/srv/app"))
    verdict = site.deploy(site.revision({"f/d": "file", "app/d/x": "x"}, spec))
    assert failure(verdict) == (
        "instructions",
        "The deployment failed because the application specification file calls for installing the file "
        f"{ARCHIVE}/f/d, but a file with that name already exists at the location (/srv/app/d). Update your AppSpec "
        "file or directory structure, and then try again.",
    )


def test_a_file_whose_source_ends_in_a_dot_meets_its_own_directory(site: Site) -> None:
    verdict = site.deploy(site.revision({"one": "1"}, appspec(("one/.", "/srv/app"))))
    assert failure(verdict)[0] == "instructions"
    assert "calls for installing the file " + ARCHIVE + "/one/., but" in failure(verdict)[1]


def test_two_mappings_into_one_directory_through_a_link_are_not_seen_and_overwrite_each_other(site: Site) -> None:
    site.put({"/srv/app": None, "/srv/l": Link("app")})
    spec = appspec(("one", "/srv/app"), ("two", "/srv/l"))
    verdict = site.deploy(site.revision({"one/a": "1", "two/a": "22"}, spec))
    assert (verdict.outcome, told(verdict.effects)) == ("succeeds", {"added": ["/srv/app/a"]})


def test_two_mappings_that_make_one_directory_through_a_link_fail_in_the_install(site: Site) -> None:
    site.put({"/srv/app": None, "/srv/l": Link("app")})
    spec = appspec(("one", "/srv/app"), ("two", "/srv/l"))
    verdict = site.deploy(site.revision({"one/d/a": "1", "two/d/b": "2"}, spec))
    assert failure(verdict) == ("install", "File exists @ dir_s_mkdir - /srv/l/d")


def test_no_files_and_all_retained_are_a_success_with_an_empty_cleanup_file(site: Site) -> None:
    site.put({"/srv/app/a": "a"})
    retained = site.revision({"app/a": "b"}, APP)
    first, second = site.chain((retained, RETAIN), site.revision({}, appspec()))
    assert (first.outcome, first.instructions) == ("succeeds", 0)
    assert (second.outcome, list(second.cleanup)) == ("succeeds", [])
