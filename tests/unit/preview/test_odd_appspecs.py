"""What the agent's own records meet, destinations that are written oddly, and appspecs that not every agent reads."""

from __future__ import annotations

from .building import APP, ARCHIVE, GROUP, INSTRUCTIONS, RETAIN, Site, appspec, failure, told

# -- what stands in the way of the agent's own records ------------------------------------


def test_a_directory_where_install_json_belongs_fails_after_the_cleanup(site: Site) -> None:
    plan = f"{INSTRUCTIONS}/{GROUP}-install.json"
    site.put({plan: None, "/srv/a": "a"})
    site.cleanup("/srv/a")
    first, second = site.chain(site.revision({"app/a": "a"}), site.revision({}, appspec()))
    assert failure(first) == ("instructions", f"Is a directory @ rb_sysopen - {plan}")
    assert told(first.effects) == {"removed": ["/srv/a"]}
    assert len(second.cleanup) == 0


def test_a_directory_by_the_name_of_the_appspec_fails_before_the_cleanup(site: Site) -> None:
    verdict = site.deploy(site.revision({"appspec.yml": None, "appspec.yaml": APP}, ""))
    assert failure(verdict) == ("appspec", f"Is a directory @ io_fread - {ARCHIVE}/appspec.yml")


# -- destinations that are written oddly --------------------------------------------------


def test_an_empty_destination_is_the_working_directory_which_is_there(site: Site) -> None:
    site.cwd = "/"
    verdict = site.deploy(site.revision({"app/a": "a"}, appspec(("app", ""))))
    assert failure(verdict) == ("install", "File exists @ dir_s_mkdir - /")


def test_retained_paths_are_told_without_their_odd_spelling(site: Site) -> None:
    site.put({"/srv/app/a": ""})
    verdict = site.deploy(site.revision({"app/a": "a"}, appspec(("app", "/srv/./app//"))), RETAIN)
    assert list(verdict.retained) == ["/srv/app/a"]


def test_the_home_of_another_user_is_that_of_the_instance(site: Site) -> None:
    site.put({"/etc/passwd": "app:x:500:500::/srv/app:/bin/sh\n", "/~app": None, "/srv/app": None})
    verdict = site.deploy(site.revision({"a": "a"}, appspec(("a", "~app"))))
    assert told(verdict.effects) == {"added": ["/srv/app/a"]}


def test_a_user_whom_the_instance_does_not_have_fails(site: Site) -> None:
    verdict = site.deploy(site.revision({"a": "a"}, appspec(("a", "~nobody-here/x"))))
    assert failure(verdict) == ("instructions", "user nobody-here doesn't exist")


def test_what_newer_rubies_refuse_in_an_appspec_is_a_doubt(site: Site) -> None:
    verdict = site.deploy(site.revision({}, "version: 0.0\nos: linux\nx: &x /srv\ny: *x\n"))
    assert verdict.outcome == "succeeds"
    assert any("Ruby 3.1" in note for note in verdict.notes)
