"""The appspec's permissions: what they apply to, what they change, and where they fail."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.support import posix_only
from tui.preview.records import AttributeChange, Verdict

from .building import OVERWRITE, File, Link, Site, appspec, failure, listed, told

pytestmark = posix_only

ACCOUNTS = {"/etc/passwd": "root:x:0:0::/root:\ndaemon:x:1002:1002::/:\n", "/etc/group": "root:x:0:\nweb:x:1003:\n"}
OVERWRITTEN = {"/srv/app/a": File("same", 0o644), "/srv/app/b.conf": File("same", 0o644)}
SAME = {"app/a": File("same", 0o644), "app/b.conf": File("same", 0o644)}


def permitted(site: Site, *permissions: dict[str, Any]) -> Verdict:
    """A deployment that copies over what is there already, so that permissions alone show."""
    site.put(OVERWRITTEN)
    return site.deploy(site.revision(SAME, appspec(("app", "/srv/app"), permissions=permissions)), OVERWRITE)


def modes(verdict: Verdict) -> dict[str, int]:
    """The modes that paths get."""
    return {change.path: change.mode[1] for change in verdict.attributes if change.mode is not None}


# -- what they apply to -------------------------------------------------------------------


def test_a_file_that_is_copied_gets_its_mode(site: Site) -> None:
    verdict = permitted(site, {"object": "/srv/app/a", "mode": "600"})
    assert told(verdict.effects) == {"attributes": ["/srv/app/a"]}
    assert modes(verdict) == {"/srv/app/a": 0o600}


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("**", {"a", "b.conf", "d/c.conf"}),
        (None, {"a", "b.conf", "d/c.conf"}),
        ("*", {"a", "b.conf"}),
        ("***", {"a", "b.conf"}),
        ("*.conf", {"b.conf"}),
        ("**.conf", {"b.conf"}),
        ("?", set()),
        ("?*", set()),
        ("[ab]*", set()),
        ("a", {"a"}),
        ("d/c.conf", set()),
        ("d/*", set()),
        ("*a*", {"a"}),
        ("b.*f", {"b.conf"}),
        ("b*c*f", {"b.conf"}),
        ("B.conf", set()),
    ],
)
def test_a_pattern_matches_names_one_level_below_and_two_stars_alone_match_deeper(
    site: Site, pattern: Any, matched: set[str]
) -> None:
    site.put({**OVERWRITTEN, "/srv/app/d/c.conf": File("same", 0o644)})
    permission = {"object": "/srv/app", "pattern": pattern, "mode": "600", "type": ["file"]}
    revision = site.revision(
        {**SAME, "app/d/c.conf": File("same", 0o644)}, appspec(("app", "/srv/app"), permissions=[permission])
    )
    assert set(modes(site.deploy(revision, OVERWRITE))) == {f"/srv/app/{name}" for name in matched}


def test_except_takes_names_out(site: Site) -> None:
    verdict = permitted(site, {"object": "/srv/app", "except": ["*.conf"], "mode": "600"})
    assert set(modes(verdict)) == {"/srv/app/a"}


def test_except_applies_one_level_below_alone(site: Site) -> None:
    site.put({"/srv/app/d/c.conf": File("same", 0o644)})
    permission = {"object": "/srv/app", "except": ["*.conf", "c.conf"], "mode": "600", "type": ["file"]}
    spec = appspec(("app", "/srv/app"), permissions=[permission])
    verdict = site.deploy(site.revision({"app/d/c.conf": File("same", 0o644)}, spec), OVERWRITE)
    assert set(modes(verdict)) == {"/srv/app/d/c.conf"}


def test_a_directory_that_exists_is_not_changed_and_nothing_in_it_that_is_not_copied(site: Site) -> None:
    site.put({"/srv/app/other": File("o", 0o644)})
    verdict = permitted(site, {"object": "/srv/app", "mode": "700"})
    assert set(modes(verdict)) == {"/srv/app/a", "/srv/app/b.conf"}


def test_a_type_list_picks_files_or_directories(site: Site) -> None:
    assert modes(permitted(site, {"object": "/srv/app", "type": ["directory"], "mode": "600"})) == {}


@pytest.mark.parametrize("types", [[], None])
def test_an_empty_type_list_matches_nothing_and_none_matches_both(site: Site, types: Any) -> None:
    verdict = permitted(site, {"object": "/srv/app", "type": types, "mode": "600"})
    assert len(modes(verdict)) == (0 if types == [] else 2)


@pytest.mark.parametrize("object_", ["/srv/elsewhere", "/srv/app/missing", "/srv/app/other"])
def test_an_object_that_is_not_copied_not_made_and_no_directory_is_ignored(site: Site, object_: str) -> None:
    site.put({"/srv/app/other": File("o", 0o644)})
    verdict = permitted(site, {"object": object_, "mode": "600"})
    assert (verdict.outcome, told(verdict.effects)) == ("succeeds", {})


def test_a_copied_file_whose_entry_is_for_directories_is_ignored(site: Site) -> None:
    verdict = permitted(site, {"object": "/srv/app/a", "type": ["directory"], "pattern": "*", "mode": "600"})
    assert (verdict.outcome, told(verdict.effects)) == ("succeeds", {})


def test_the_root_and_all_parents_match_everything_below(site: Site) -> None:
    assert set(modes(permitted(site, {"object": "/", "mode": "600"}))) == {"/srv/app/a", "/srv/app/b.conf"}


def test_objects_are_compared_by_text_and_not_by_where_they_are(site: Site) -> None:
    site.put({"/srv/link": Link("app")})
    spec = appspec(("app", "/srv/link"), permissions=[{"object": "/srv/app", "mode": "600"}])
    site.put(OVERWRITTEN)
    assert modes(site.deploy(site.revision(SAME, spec), OVERWRITE)) == {}


def test_an_object_is_normalised_and_stripped(site: Site) -> None:
    assert set(modes(permitted(site, {"object": " /srv//x/../app/a/ ", "mode": "600"}))) == {"/srv/app/a"}


def test_a_file_that_is_retained_is_not_changed(site: Site) -> None:
    site.put(OVERWRITTEN)
    spec = appspec(("app", "/srv/app"), permissions=[{"object": "/srv/app", "mode": "600"}], behavior="RETAIN")
    assert told(site.deploy(site.revision(SAME, spec)).effects) == {}


# -- what they change ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "mode"),
    [
        ('"0600"', 0o600),
        ('"600"', 0o600),
        ("600", 0o600),
        ('"4755"', 0o4755),
        ('"7"', 0o007),
        ('""', 0o000),
        ("0644", 0o420),
        ("04755", 0o2541),
        ("0x1ff", 0o511),
        ("6_44", 0o644),
        ("0b101", 0o005),
        (":600", 0o600),
    ],
)
def test_a_mode_is_what_yaml_makes_of_it(site: Site, written: str, mode: int) -> None:
    site.put({"/srv/app/a": File("same", 0o111)})
    spec = f"""
version: 0.0
os: linux
files:
  - source: app
    destination: /srv/app
permissions:
  - object: /srv/app/a
    mode: {written}
"""
    verdict = site.deploy(site.revision({"app/a": File("same", 0o111)}, spec), OVERWRITE)
    assert modes(verdict) == {"/srv/app/a": mode}


def test_owner_and_group_come_from_the_instances_own_files(site: Site) -> None:
    site.put(ACCOUNTS)
    verdict = permitted(site, {"object": "/srv/app/a", "owner": "daemon", "group": "web"})
    ours = (os.getuid(), 1002), (os.stat(site.place("/srv/app/a")).st_gid, 1003)
    assert list(verdict.attributes) == [AttributeChange("/srv/app/a", None, *ours)]
    assert told(verdict.effects) == {"attributes": ["/srv/app/a"]}


@pytest.mark.parametrize(
    ("mode", "left"), [("4755", 0o755), ("6755", 0o755), ("6644", 0o2644), ("2644", 0o2644), ("1755", 0o1755)]
)
def test_setting_the_owner_after_the_mode_clears_the_bits_that_change_user_and_group(
    site: Site, mode: str, left: int
) -> None:
    site.put(ACCOUNTS)
    site.put({"/srv/app/a": File("same", 0o111)})
    permission = {"object": "/srv/app/a", "mode": mode, "owner": "daemon"}
    spec = appspec(("app", "/srv/app"), permissions=[permission])
    verdict = site.deploy(site.revision({"app/a": File("same", 0o111)}, spec), OVERWRITE)
    assert modes(verdict) == {"/srv/app/a": left}


def test_mode_and_owner_follow_a_copied_link_to_where_it_points(site: Site) -> None:
    site.put({"/data/secret": File("s", 0o600), "/srv/app": None})
    spec = appspec(("app", "/srv/app"), permissions=[{"object": "/srv/app", "mode": "644"}])
    verdict = site.deploy(site.revision({"app/l": Link("/data/secret")}, spec))
    assert told(verdict.effects) == {"added": ["/srv/app/l"], "attributes": ["/data/secret"]}
    assert [(change.path, change.through) for change in verdict.attributes] == [("/data/secret", "/srv/app/l")]


def test_only_semanage_adds_a_cleanup_line(site: Site) -> None:
    site.put(ACCOUNTS)
    permission = {
        "object": "/srv/app/a", "mode": "600", "owner": "daemon", "acls": ["u:daemon:rw"],
        "context": {"type": "httpd_t", "range": "s0"},
    }  # fmt: skip
    site.put(OVERWRITTEN)
    spec = appspec(("app", "/srv/app"), permissions=[permission])
    first, second = site.chain((site.revision(SAME, spec), OVERWRITE), site.revision({}, appspec()))
    assert first.outcome == "succeeds"
    assert listed(second) == ["/srv/app/a", "/srv/app/b.conf", "/srv/app/a"]
    assert second.cleanup[0].action.value == "context"


def test_an_acls_mask_shows_as_the_groups_bits(site: Site) -> None:
    verdict = permitted(site, {"object": "/srv/app/a", "acls": ["u:daemon:rw", "m:rwx"]})
    assert modes(verdict) == {"/srv/app/a": 0o674}


def test_an_acl_without_a_mask_gets_the_groups_bits_for_one(site: Site) -> None:
    assert modes(permitted(site, {"object": "/srv/app/a", "acls": ["u:daemon:rw"]})) == {}


# -- where they fail ----------------------------------------------------------------------


def test_a_copied_dangling_link_fails_when_its_mode_is_set(site: Site) -> None:
    site.put({"/srv/app": None})
    spec = appspec(("app", "/srv/app"), permissions=[{"object": "/srv/app", "mode": "644"}])
    verdict = site.deploy(site.revision({"app/l": Link("nowhere")}, spec))
    assert failure(verdict) == ("install", "No such file or directory @ apply2files - /srv/app/l")
    assert told(verdict.effects) == {"added": ["/srv/app/l"]}


def test_a_copied_link_loop_fails_when_its_mode_is_set(site: Site) -> None:
    site.put({"/srv/app": None})
    spec = appspec(("app", "/srv/app"), permissions=[{"object": "/srv/app", "mode": "644"}])
    verdict = site.deploy(site.revision({"app/l": Link("l")}, spec))
    assert failure(verdict) == ("install", "Too many levels of symbolic links @ apply2files - /srv/app/l")


@pytest.mark.parametrize(
    ("owner", "message"),
    [
        ({"owner": "nobody-here"}, "can't find user for nobody-here"),
        ({"owner": ""}, "can't find user for "),
        ({"owner": "1"}, "can't find user for 1"),
        ({"owner": "daemon", "group": "no-group"}, "can't find group for no-group"),
        ({"owner": 1}, "no implicit conversion of Integer into String"),
        ({"owner": True}, "no implicit conversion of true into String"),
        ({"group": ["web"]}, "no implicit conversion of Array into String"),
    ],
)
def test_an_owner_that_cannot_be_found_fails_after_the_mode_is_set(site: Site, owner: Any, message: str) -> None:
    site.put(ACCOUNTS)
    verdict = permitted(site, {"object": "/srv/app/a", "mode": "600", **owner})
    assert failure(verdict) == ("install", message)
    assert told(verdict.effects) == {"attributes": ["/srv/app/a"]}
    assert [change.uid for change in verdict.attributes] == [None]


def test_an_owner_that_a_directory_service_may_know_is_no_sure_failure(site: Site) -> None:
    site.put({**ACCOUNTS, "/etc/nsswitch.conf": "passwd: files sss\ngroup: files\n"})
    verdict = permitted(site, {"object": "/srv/app/a", "owner": "someone"})
    assert verdict.failure is not None
    assert not verdict.failure.sure
    assert any("a directory service may know it" in note for note in verdict.notes)


def test_an_owner_of_false_is_none(site: Site) -> None:
    verdict = permitted(site, {"object": "/srv/app/a", "owner": False})
    assert (verdict.outcome, told(verdict.effects)) == ("succeeds", {})


@pytest.mark.parametrize("values", [{"mode": "600"}, {}])
def test_a_path_named_twice_fails_also_without_anything_to_set(site: Site, values: Any) -> None:
    verdict = permitted(site, {"object": "/srv/app", "mode": "600"}, {"object": "/srv/app/a", **values})
    assert failure(verdict) == (
        "instructions",
        "The deployment failed because the permissions setting for (/srv/app/a) is specified more than once in the "
        "application specification file. Update the files section of the AppSpec file, and then try again.",
    )


def test_a_pattern_for_a_file_is_refused(site: Site) -> None:
    verdict = permitted(site, {"object": "/srv/app/a", "pattern": "*", "mode": "600"})
    assert failure(verdict)[0] == "instructions"
    assert "includes an object (/srv/app/a) with an invalid pattern (*), such as a pattern" in failure(verdict)[1]


def test_an_exception_for_a_file_is_refused(site: Site) -> None:
    verdict = permitted(site, {"object": "/srv/app/a", "except": ["b"], "mode": "600"})
    assert failure(verdict)[0] == "instructions"
    assert '(["b"]) for the object named /srv/app/a contains an invalid format.' in failure(verdict)[1]


def test_a_default_acl_on_a_file_is_refused(site: Site) -> None:
    verdict = permitted(site, {"object": "/srv/app/a", "acls": ["d:u:daemon:rw"]})
    assert failure(verdict)[0] == "instructions"
    assert "because the -d parameter has been specified to apply an acl setting to a file" in failure(verdict)[1]


def test_a_context_without_a_range_fails_when_install_json_is_written(site: Site) -> None:
    verdict = permitted(site, {"object": "/srv/app/a", "context": {"type": "httpd_t"}})
    assert failure(verdict) == ("instructions", "undefined method `get_range' for nil:NilClass")
    assert told(verdict.effects) == {}


def test_permissions_are_looked_at_after_all_files(site: Site) -> None:
    site.put(OVERWRITTEN)
    permissions = [{"object": "/srv/app/a", "pattern": "*"}]
    verdict = site.deploy(site.revision(SAME, appspec(("app", "/srv/app"), permissions=permissions)))
    assert "a specified file already exists" in failure(verdict)[1]


def test_chmod_and_chown_come_after_all_copies(site: Site) -> None:
    site.put({"/srv/app": None})
    permissions = [{"object": "/srv/app/l", "mode": "600"}]
    spec = appspec(("app", "/srv/app"), ("later", "/srv/app"), permissions=permissions)
    verdict = site.deploy(site.revision({"app/l": Link("target"), "later/target": File("t", 0o644)}, spec))
    assert verdict.outcome == "succeeds"


def test_an_empty_pattern_matches_nothing(site: Site) -> None:
    assert modes(permitted(site, {"object": "/srv/app", "pattern": "", "mode": "600"})) == {}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"except": [5]}, "5:Integer"),
        ({"except": [None]}, "nil:NilClass"),
        ({"pattern": 5}, "5:Integer"),
        ({"pattern": ["a"]}, '["a"]:Array'),
    ],
)
def test_a_pattern_that_is_no_text_fails_when_it_is_matched(site: Site, values: dict[str, Any], kind: str) -> None:
    verdict = permitted(site, {"object": "/srv/app", "mode": "600", **values})
    assert failure(verdict) == ("instructions", f"undefined method `chars' for {kind}")
