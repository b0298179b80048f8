"""Install events that fail midway: what surely happened before, what may have, and what the cleanup file then lists."""

from __future__ import annotations

from tests.support import posix_only

from .building import OVERWRITE, File, Link, Site, actions, appspec, failure, told

BLOCKED = {"/srv/app/m": "a file where a directory is to be made"}


def test_what_depends_on_the_order_of_names_is_possible_and_not_certain(site: Site) -> None:
    site.put(BLOCKED)
    verdict = site.deploy(site.revision({"app/a": "a", "app/m/x": "x", "app/z": "z"}))
    assert failure(verdict) == ("install", "File exists @ dir_s_mkdir - /srv/app/m")
    assert told(verdict.effects) == {}
    assert told(verdict.possibly) == {"added": ["/srv/app/a", "/srv/app/z"]}


def test_what_the_cleanup_removed_is_certain(site: Site) -> None:
    site.put({**BLOCKED, "/srv/app/old": "old"})
    site.cleanup("/srv/app/old")
    verdict = site.deploy(site.revision({"app/a": "a", "app/m/x": "x"}))
    assert told(verdict.effects) == {"removed": ["/srv/app/old"]}


def test_what_the_cleanup_removed_and_may_be_copied_again_is_both(site: Site) -> None:
    site.put({**BLOCKED, "/srv/app/a": "same"})
    site.cleanup("/srv/app/a")
    verdict = site.deploy(site.revision({"app/a": "same", "app/m/x": "x"}))
    assert told(verdict.effects) == {}
    assert told(verdict.possibly) == {"removed": ["/srv/app/a"]}


def test_mappings_come_in_the_appspecs_order(site: Site) -> None:
    site.put(BLOCKED)
    spec = appspec(("first", "/srv/one"), ("app", "/srv/app"), ("last", "/srv/two"))
    revision = site.revision({"first/a": "a", "app/m/x": "x", "last/b": "b"}, spec)
    verdict = site.deploy(revision)
    assert told(verdict.effects) == {"added": ["/srv/one", "/srv/one/a"]}
    assert told(verdict.possibly) == {}


def test_missing_parents_of_a_destination_are_made_before_it_fails(site: Site) -> None:
    site.put({"/srv": None})
    name = "n" * 256
    verdict = site.deploy(site.revision({"app/a": "a"}, appspec(("app", f"/srv/new/{name}"))))
    assert failure(verdict) == ("install", f"File name too long @ dir_s_mkdir - /srv/new/{name}")
    assert (told(verdict.effects), told(verdict.possibly)) == ({"added": ["/srv/new"]}, {})


def test_a_missing_parent_that_cannot_be_made_fails_before_all_else_of_its_mapping(site: Site) -> None:
    site.put({"/srv/new": Link("nowhere")})
    verdict = site.deploy(site.revision({"app/a": "a"}, appspec(("app", "/srv/new/app"))))
    assert failure(verdict) == ("install", "File exists @ dir_s_mkdir - /srv/new")
    assert (told(verdict.effects), told(verdict.possibly)) == ({}, {})


def test_a_link_that_cannot_be_made_leaves_all_its_neighbours_possible(site: Site) -> None:
    site.put({"/srv/app/d/e/bad": Link("elsewhere")})
    files = {"app/d/e/f": "f", "app/d/a": "a", "app/b": "b", "app/d/e/bad": Link("nowhere")}
    verdict = site.deploy(site.revision(files))
    assert failure(verdict) == ("install", "File exists @ syserr_fail2_in - /srv/app/d/e/bad")
    assert told(verdict.effects) == {}
    assert told(verdict.possibly) == {"added": ["/srv/app/b", "/srv/app/d/a", "/srv/app/d/e/f"]}


def test_directories_on_the_way_to_the_one_failure_are_certain(site: Site) -> None:
    site.put({"/srv": None})
    deep = "/srv/" + "/".join(["d" * 240] * 16)  # so that what goes two levels below is longer than a path may be
    files = {"app/e/" + "f" * 235: "x", "app/e/" + "g" * 10: "g", "app/b": "b", "app/c/h": "h"}
    assert len(f"{deep}/e/") + 235 > 4095 > len(f"{deep}/e/") + 10
    verdict = site.deploy(site.revision(files, appspec(("app", deep))))
    assert failure(verdict)[1].startswith("File name too long @ rb_sysopen - ")
    made = [deep[: len("/srv/") + 241 * number - 1] for number in range(1, 17)]
    assert told(verdict.effects) == {"added": [*made, f"{deep}/e"]}
    assert told(verdict.possibly) == {"added": [f"{deep}/b", f"{deep}/c", f"{deep}/c/h", f"{deep}/e/{'g' * 10}"]}


def test_a_directory_made_on_the_way_to_the_failure_is_certain_and_its_siblings_are_possible(site: Site) -> None:
    site.put({"/srv/app": None})
    files = {"app/d/a": "a", "app/d/missing": Link("nowhere"), "app/b/c": "c"}
    permissions = [{"object": "/srv/app/d", "pattern": "missing", "mode": "600"}]
    verdict = site.deploy(site.revision(files, appspec(("app", "/srv/app"), permissions=permissions)))
    assert failure(verdict) == ("install", "No such file or directory @ apply2files - /srv/app/d/missing")
    added = ["/srv/app/b", "/srv/app/b/c", "/srv/app/d", "/srv/app/d/a", "/srv/app/d/missing"]
    assert told(verdict.effects) == {"added": added}
    assert told(verdict.possibly) == {}


def test_what_lies_below_a_directory_that_cannot_be_made_is_never_copied(site: Site) -> None:
    site.put(BLOCKED)
    verdict = site.deploy(site.revision({"app/m/x": "x", "app/m/deep/y": "y"}))
    assert (told(verdict.effects), told(verdict.possibly)) == ({}, {})


def test_of_several_failures_the_agent_names_the_first_and_all_are_told(site: Site) -> None:
    site.put({"/srv/app/m": "file", "/srv/app/n": "file"})
    verdict = site.deploy(site.revision({"app/m/x": "x", "app/n/y": "y"}))
    assert {item.message for item in verdict.collisions} == {
        "File exists @ dir_s_mkdir - /srv/app/m",
        "File exists @ dir_s_mkdir - /srv/app/n",
    }


@posix_only
def test_a_failure_among_permissions_leaves_all_files_in_place_and_earlier_entries_done(site: Site) -> None:
    site.put({"/srv/app/a": File("same", 0o644), "/srv/app/b": File("same", 0o644), "/srv/app/c": File("same", 0o644)})
    same = {f"app/{name}": File("same", 0o644) for name in "abc"}
    permissions = [
        {"object": "/srv/app/a", "mode": "600"},
        {"object": "/srv/app/b", "mode": "600", "owner": "nobody-here"},
        {"object": "/srv/app/c", "mode": "600"},
    ]
    spec = appspec(("app", "/srv/app"), permissions=permissions)
    verdict = site.deploy(site.revision({**same, "app/new": "n"}, spec), OVERWRITE)
    assert failure(verdict) == ("install", "can't find user for nobody-here")
    assert told(verdict.effects) == {"added": ["/srv/app/new"], "attributes": ["/srv/app/a", "/srv/app/b"]}
    assert told(verdict.possibly) == {}


@posix_only
def test_within_one_entry_of_permissions_the_order_of_files_decides(site: Site) -> None:
    site.put({"/srv/app/a": File("same", 0o644), "/srv/app/z": File("same", 0o644)})
    same = {"app/a": File("same", 0o644), "app/z": File("same", 0o644)}
    permissions = [{"object": "/srv/app", "mode": "600"}]
    spec = appspec(("app", "/srv/app"), permissions=permissions)
    verdict = site.deploy(site.revision({**same, "app/l": Link("nowhere")}, spec), OVERWRITE)
    assert told(verdict.effects) == {"added": ["/srv/app/l"]}
    assert told(verdict.possibly) == {"attributes": ["/srv/app/a", "/srv/app/z"]}


def test_a_failure_midway_leaves_a_cleanup_file_with_what_was_done_so_far(site: Site) -> None:
    site.put({"/srv/blocked": "a file"})
    spec = appspec(("one", "/srv/one"), ("two", "/srv/blocked/two"), ("three", "/srv/three"))
    first, second = site.chain(
        site.revision({"one/a": "a", "two/b": "b", "three/c": "c"}, spec), site.revision({}, appspec())
    )
    assert failure(first) == ("install", "Not a directory @ dir_s_mkdir - /srv/blocked/two")
    assert actions(second) == {"/srv/one/a": "removed", "/srv/one": "removed"}
    assert told(second.effects) == {"removed": ["/srv/one", "/srv/one/a"]}


def test_a_copy_that_fails_is_listed_and_a_directory_that_cannot_be_made_is_not(site: Site) -> None:
    site.put({"/srv/app": None})
    nothing = site.revision({}, appspec())
    spec = appspec(("one", "/srv/app"), ("nope", "/srv/app"))
    _, second = site.chain(site.revision({"one/a": "a"}, spec), nothing)
    assert actions(second) == {"/srv/app/nope": "absent", "/srv/app/a": "removed"}


def test_a_link_that_cannot_be_made_is_listed_so_that_the_next_cleanup_removes_what_stood_there(site: Site) -> None:
    site.put({"/srv/app/l": "an operator's"})
    first, second = site.chain((site.revision({"app/l": Link("x")}), OVERWRITE), site.revision({}, appspec()))
    assert failure(first) == ("install", "File exists @ syserr_fail2_in - /srv/app/l")
    assert told(second.effects) == {"removed": ["/srv/app/l"]}


def test_a_failure_in_the_instructions_leaves_no_cleanup_file_at_all(site: Site) -> None:
    site.put({"/srv/app/a": "there", "/srv/app/old": "old"})
    site.cleanup("/srv/app/old")
    first, second = site.chain(site.revision({"app/a": "a"}), site.revision({}, appspec()))
    assert told(first.effects) == {"removed": ["/srv/app/old"]}
    assert (second.outcome, list(second.cleanup)) == ("succeeds", [])


def test_a_retry_fails_in_the_same_way(site: Site) -> None:
    site.put({"/srv/app/a": "there"})
    revision = site.revision({"app/a": "a"})
    first, second = site.chain(revision, revision)
    assert failure(first) == failure(second)


def test_what_follows_a_failure_midway_is_told_to_depend_on_it(site: Site) -> None:
    site.put(BLOCKED)
    _, second = site.chain(site.revision({"app/a": "a", "app/m/x": "x"}), site.revision({}, appspec()))
    assert any("The deployment before fails midway" in note for note in second.notes)


def test_an_appspec_that_is_refused_removes_nothing_and_the_cleanup_file_stays(site: Site) -> None:
    site.put({"/srv/a": "a"})
    site.cleanup("/srv/a")
    refused = appspec(("app", "/srv"), system="plan9")
    first, second = site.chain(site.revision({}, refused), site.revision({}, appspec()))
    assert failure(first)[0] == "appspec"
    assert "an unsupported operating system (plan9)" in failure(first)[1]
    assert told(first.effects) == {}
    assert told(second.effects) == {"removed": ["/srv/a"]}
