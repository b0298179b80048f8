"""Installing by version 2, where it differs from version 1."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.support import posix_only

from .building import APP, DISALLOW, OVERWRITE, RETAIN, File, Link, Site, actions, appspec, failure, listed, told

CONFIG = "/etc/codedeploy-agent/conf/codedeployagent.yml"


# -- before installing --------------------------------------------------------------------


def test_v2_an_appspec_that_does_not_parse_fails_before_the_cleanup(site_2: Site) -> None:
    site_2.put({"/srv/a": "a"})
    site_2.cleanup("/srv/a")
    verdict = site_2.deploy(site_2.revision({}, "version: [\n"))
    assert (failure(verdict)[0], told(verdict.effects)) == ("appspec", {})


@pytest.mark.parametrize("behavior", ["retain", "Overwrite", "SOMETHING"])
def test_v2_the_appspecs_option_must_be_upper_case(site_2: Site, behavior: str) -> None:
    verdict = site_2.deploy(site_2.revision({}, appspec(("app", "/srv"), behavior=behavior)))
    assert failure(verdict)[0] == "appspec"


def test_v2_the_appspecs_os_is_not_checked(site_2: Site) -> None:
    verdict = site_2.deploy(site_2.revision({"app/a": "a"}, appspec(("app", "/srv/app"), system="plan9")))
    assert verdict.outcome == "succeeds"


@pytest.mark.parametrize("source", ["/app", "//app", "///app/"])
def test_v2_leading_slashes_of_a_source_are_stripped(site_2: Site, source: str) -> None:
    site_2.put({"/srv": None})
    verdict = site_2.deploy(site_2.revision({"app/a": "a"}, appspec((source, "/srv/app"))))
    assert told(verdict.effects) == {"added": ["/srv/app", "/srv/app/a"]}


# -- destinations -------------------------------------------------------------------------


def test_v2_a_slash_at_the_end_stays_and_so_stands_in_the_cleanup_file(site_2: Site) -> None:
    site_2.put({"/srv": None})
    revision = site_2.revision({"app/a": "a"}, appspec(("app", "/srv//app/")))
    first, second = site_2.chain(revision, site_2.revision({}, appspec()))
    assert told(first.effects) == {"added": ["/srv/app", "/srv/app/a"]}
    assert listed(second) == ["/srv/app/", "/srv/app/a"]
    assert told(second.effects) == {"removed": ["/srv/app", "/srv/app/a"]}


@pytest.mark.parametrize("written", ["/srv/./app", "/srv//app", "/srv/no/../app", "/srv/a/b/.../app"])
def test_v2_destinations_are_normalised_before_they_are_looked_for(site_2: Site, written: str) -> None:
    site_2.put({"/srv": None})
    revision = site_2.revision({"app/a": "a"}, appspec(("app", written)))
    first, second = site_2.chain(revision, site_2.revision({}, appspec()))
    assert (first.outcome, told(first.effects)) == ("succeeds", {"added": ["/srv/app", "/srv/app/a"]})
    assert listed(second) == ["/srv/app", "/srv/app/a"]


def test_v2_a_tilde_is_expanded_after_the_existence_checks(site_2: Site) -> None:
    """So what stands in the home directory is not seen, not even under DISALLOW."""
    site_2.put({"/root/a": "there", "/~": None})
    verdict = site_2.deploy(site_2.revision({"a": "ours"}, appspec(("a", "~"))), DISALLOW)
    assert (verdict.outcome, told(verdict.effects)) == ("succeeds", {"changed": ["/root/a"]})


def test_v2_a_relative_destination_starts_at_the_root_and_stays_relative_in_the_record(site_2: Site) -> None:
    site_2.put({"/srv": None})
    revision = site_2.revision({"app/a": "a"}, appspec(("app", "srv/app")))
    first, second = site_2.chain(revision, site_2.revision({}, appspec()))
    assert told(first.effects) == {"added": ["/srv/app", "/srv/app/a"]}
    assert told(second.effects) == {"removed": ["/srv/app", "/srv/app/a"]}


@posix_only
def test_v2_a_name_that_is_not_utf8_stops_it_after_the_cleanup(site_2: Site) -> None:
    site_2.put({"/srv/old": ""})
    site_2.cleanup("/srv/old")
    revision = site_2.revision({os.fsdecode(b"app/na\xffme"): "x", "app/good": "g"})
    first, second = site_2.chain(revision, site_2.revision({}, appspec()))
    assert (failure(first)[0], told(first.effects)) == ("instructions", {"removed": ["/srv/old"]})
    assert list(second.cleanup) == []
    assert any("was not seen" in note for note in first.notes)


# -- copying ------------------------------------------------------------------------------


def test_v2_a_live_link_at_the_destination_is_replaced_by_a_real_file_under_overwrite(site_2: Site) -> None:
    site_2.put({"/data/target": "old", "/srv/app/a": Link("/data/target")})
    revision = site_2.revision({"app/a": "new"})
    assert told(site_2.deploy(revision, OVERWRITE).effects) == {"changed": ["/srv/app/a"]}
    assert failure(site_2.deploy(revision, DISALLOW))[0] == "instructions"
    assert told(site_2.deploy(revision, RETAIN).effects) == {}


@pytest.mark.parametrize("behavior", [DISALLOW, OVERWRITE, RETAIN])
def test_v2_a_dangling_link_is_replaced_by_a_real_file_whatever_the_option(site_2: Site, behavior: Any) -> None:
    site_2.put({"/srv/app/a": Link("nowhere")})
    verdict = site_2.deploy(site_2.revision({"app/a": "new"}), behavior)
    assert (verdict.outcome, told(verdict.effects)) == ("succeeds", {"changed": ["/srv/app/a"]})


def test_v2_a_link_to_a_directory_is_replaced_by_a_file_too(site_2: Site) -> None:
    site_2.put({"/data/x": "x", "/srv/app/a": Link("/data")})
    verdict = site_2.deploy(site_2.revision({"app/a": "new"}), OVERWRITE)
    assert told(verdict.effects) == {"changed": ["/srv/app/a"]}


def test_v2_a_directory_where_a_file_is_to_go_fails(site_2: Site) -> None:
    site_2.put({"/srv/app/x": None})
    verdict = site_2.deploy(site_2.revision({"app/x": "file"}), OVERWRITE)
    assert (failure(verdict)[0], told(verdict.effects)) == ("install", {})


def test_v2_an_existing_file_is_written_in_place(site_2: Site) -> None:
    site_2.put({"/srv/app/a": "old"})
    os.link(site_2.place("/srv/app/a"), site_2.place("/srv/app/other"))
    site_2.deployed({"appspec.yml": APP})
    verdict = site_2.deploy(site_2.revision({"app/a": "new"}), OVERWRITE)
    assert told(verdict.effects) == {"changed": ["/srv/app/a", "/srv/app/other"]}


def test_v2_a_link_source_becomes_a_link_and_fails_on_what_is_there(site_2: Site) -> None:
    site_2.put({"/srv/app": None})
    revision = site_2.revision({"app/l": Link("nowhere")})
    assert told(site_2.deploy(revision).effects) == {"added": ["/srv/app/l"]}
    site_2.put({"/srv/app/l": Link("other")})
    assert failure(site_2.deploy(revision, OVERWRITE))[0] == "install"


def test_v2_a_dangling_link_that_its_cleanup_leaves_makes_the_rollback_fail(site_2: Site) -> None:
    site_2.put({"/srv/app/l": Link("nowhere")})
    site_2.cleanup("/srv/app/l")
    verdict = site_2.deploy(site_2.revision({"app/l": Link("nowhere")}))
    assert failure(verdict)[0] == "install"
    assert [item.path for item in verdict.collisions] == ["/srv/app/l"]


def test_v2_a_directory_is_made_and_then_listed(site_2: Site) -> None:
    site_2.put({"/srv/app/d": "a file"})
    first, second = site_2.chain(site_2.revision({"app/d/x": "x"}), site_2.revision({}, appspec()))
    assert failure(first)[0] == "install"
    assert "/srv/app/d" not in actions(second)


# -- permissions --------------------------------------------------------------------------


def permitted(site: Site, permission: dict[str, Any], files: dict[str, Any]) -> Any:
    spec = appspec(("app", "/srv/app"), permissions=[permission])
    return site.deploy(site.revision(files, spec), OVERWRITE)


@posix_only
def test_v2_chmod_follows_links(site_2: Site) -> None:
    site_2.put({"/data/secret": File("s", 0o600), "/srv/app": None})
    verdict = permitted(site_2, {"object": "/srv/app", "mode": "644"}, {"app/l": Link("/data/secret")})
    assert told(verdict.effects) == {"added": ["/srv/app/l"], "attributes": ["/data/secret"]}


@posix_only
@pytest.mark.parametrize("values", [{"mode": "644"}, {"owner": "daemon"}])
def test_v2_permissions_fail_on_links_where_the_config_rejects_them(site_2: Site, values: dict[str, str]) -> None:
    site_2.put({CONFIG: ":reject_symlink_permission_targets: true\n", "/etc/passwd": "daemon:x:2:2::/:\n"})
    site_2.put({"/data/secret": File("s", 0o600), "/srv/app": None})
    verdict = permitted(site_2, {"object": "/srv/app", **values}, {"app/l": Link("/data/secret")})
    assert failure(verdict)[0] == "install"
    assert told(verdict.effects) == {"added": ["/srv/app/l"]}


@posix_only
def test_v2_an_unknown_owner_or_group_is_silently_ignored(site_2: Site) -> None:
    site_2.put({"/srv/app/a": File("same", 0o644)})
    permission = {"object": "/srv/app/a", "mode": "600", "owner": "nobody-here", "group": "nor-here"}
    verdict = permitted(site_2, permission, {"app/a": File("same", 0o644)})
    assert (verdict.outcome, told(verdict.effects)) == ("succeeds", {"attributes": ["/srv/app/a"]})
    assert [(change.uid, change.gid) for change in verdict.attributes] == [(None, None)]


@posix_only
@pytest.mark.parametrize(("object_", "matched"), [("/srv/app/a", True), ("/srv/app/a/", False), ("/srv//app/a", False)])
def test_v2_an_object_is_compared_as_written(site_2: Site, object_: str, matched: bool) -> None:
    site_2.put({"/srv/app/a": File("same", 0o644)})
    verdict = permitted(site_2, {"object": object_, "mode": "600"}, {"app/a": File("same", 0o644)})
    assert told(verdict.effects) == ({"attributes": ["/srv/app/a"]} if matched else {})


@posix_only
@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("a?c", {"a?c"}),
        ("[ab]", {"[ab]"}),
        ("{x,y}", {"{x,y}"}),
        ("a?c*", {"abc", "a?c"}),
        ("[ab]*", {"abc", "a?c", "b"}),
        ("{b,x*}", {"b", "xyz"}),
        ("*c", {"abc", "a?c"}),
    ],
)
def test_v2_a_pattern_without_a_star_is_literal_and_with_one_more_is_special(
    site_2: Site, pattern: str, matched: set[str]
) -> None:
    names = ("abc", "a?c", "[ab]", "{x,y}", "b", "xyz")
    site_2.put({f"/srv/app/{name}": File("same", 0o644) for name in names})
    files = {f"app/{name}": File("same", 0o644) for name in names}
    verdict = permitted(site_2, {"object": "/srv/app", "pattern": pattern, "mode": "600"}, files)
    assert {change.path.rpartition("/")[2] for change in verdict.attributes} == matched


def test_v2_semanage_keeps_the_path_as_it_is_written(site_2: Site) -> None:
    site_2.put({"/data": None, "/srv/app": Link("/data")})
    context = {"object": "/srv/app/a", "context": {"type": "httpd_t", "range": "s0"}}
    revision = site_2.revision({"app/a": "a"}, appspec(("app", "/srv/app"), permissions=[context]))
    _, second = site_2.chain(revision, site_2.revision({}, appspec()))
    assert (second.cleanup[0].path, second.cleanup[0].action.value) == ("/srv/app/a", "context")


# -- where the version is not known -------------------------------------------------------


def test_where_the_version_is_not_known_version_1s_rules_are_played_and_it_is_said(site: Site) -> None:
    site.place("/opt/codedeploy-agent/.version").unlink()
    verdict = site.deploy(site.revision({}, appspec()))
    assert verdict.version == 1
    assert any("The agent's version is not known: version 1's rules are used" in note for note in verdict.notes)


def test_a_hint_of_version_2_is_enough(site: Site) -> None:
    site.place("/opt/codedeploy-agent/.version").unlink()
    site.put({"/opt/codedeploy-agent/bin/codedeploy-local": Link("codedeploy-agent")})
    assert site.deploy(site.revision({}, appspec())).version == 2


@pytest.mark.parametrize("destination", ["new/app", "new", "new/../new/app"])
def test_v2_a_relative_destination_whose_first_component_is_missing_fails_at_once(
    site_2: Site, destination: str
) -> None:
    verdict = site_2.deploy(site_2.revision({"app/a": "a"}, appspec(("app", destination))))
    assert (failure(verdict)[0], told(verdict.effects), told(verdict.possibly)) == ("install", {}, {})


@pytest.mark.parametrize("files", [{}, {"appspec.yaml": APP}])
def test_v2_download_fails_without_the_named_appspec(site_2: Site, files: dict[str, Any]) -> None:
    site_2.put({"/srv/a": "a"})
    site_2.cleanup("/srv/a")
    verdict = site_2.deploy(site_2.revision({"app/a": "a", **files}, ""))
    assert (failure(verdict)[0], told(verdict.effects)) == ("download", {})


def test_v2_three_dots_are_a_doubt(site_2: Site) -> None:
    verdict = site_2.deploy(site_2.revision({"app/a": "a"}, appspec(("app", "/srv/a/b/.../app"))))
    assert "/srv/app/a" in told(verdict.effects)["added"]
    assert any("..." in note for note in verdict.notes)


def test_v2_a_directory_is_made_once_with_and_without_its_slash(site_2: Site) -> None:
    spec = appspec(("app", "/srv/app/"), ("sub", "/srv/app/sub/"))
    verdict = site_2.deploy(site_2.revision({"app/a": "a", "sub/b": "b"}, spec))
    assert (verdict.outcome, told(verdict.effects)["added"]) == (
        "succeeds", ["/srv", "/srv/app", "/srv/app/a", "/srv/app/sub", "/srv/app/sub/b"],
    )  # fmt: skip


@posix_only
@pytest.mark.parametrize(("written", "mode"), [("0755", 0o755), ("0644", 0o644), ("644", 0o644), ('"0600"', 0o600)])
def test_v2_a_mode_without_quotes_is_meant_as_it_looks(site_2: Site, written: str, mode: int) -> None:
    site_2.put({"/srv/app/a": File("same", 0o111)})
    spec = APP.replace('"files"', f'"permissions": [{{"object": "/srv/app/a", "mode": {written}}}], "files"')
    verdict = site_2.deploy(site_2.revision({"app/a": File("same", 0o111)}, spec), OVERWRITE)
    assert [change.mode for change in verdict.attributes] == [(0o111, mode)]


@posix_only
@pytest.mark.parametrize(("pattern", "doubted"), [("*.sh", True), ("**", False), ("a.sh", False)])
def test_v2_a_pattern_that_is_taken_to_reach_below_directories_is_a_doubt(
    site_2: Site, pattern: str, doubted: bool
) -> None:
    permission = {"object": "/srv/app", "pattern": pattern, "mode": "700"}
    revision = site_2.revision(
        {"app/a.sh": "a", "app/d/b.sh": "b"}, appspec(("app", "/srv/app"), permissions=[permission])
    )
    assert any("below directories" in note for note in site_2.deploy(revision).notes) == doubted
