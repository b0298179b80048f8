"""Which lifecycle scripts a deployment runs, from which revision, and whether they are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.support import posix_only

from .building import GROUP, ROOT_DIR, File, Site, appspec

LAST = f"{ROOT_DIR}/{GROUP}/d-LASTLAST1"


def hooks(*events: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """One script for each event, named after it."""
    return {event: [{"location": f"{event}.sh"}] for event in events}


def stopping(site: Site) -> None:
    """Leave a last completed Install whose revision has scripts for the events before the new one is there."""
    spec = appspec(hooks=hooks("ApplicationStop", "BeforeBlockTraffic", "AfterBlockTraffic", "AfterInstall"))
    site.completed(site.deployed({"appspec.yml": spec, "ApplicationStop.sh": File("#!", 0o755)}))


def test_scripts_run_in_the_order_of_events_whatever_the_appspecs(site: Site) -> None:
    spec = appspec(hooks=hooks("AfterInstall", "ValidateService", "ApplicationStart", "BeforeInstall"))
    verdict = site.deploy(site.revision({}, spec))
    assert [run.event for run in verdict.scripts] == [
        "BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService",
    ]  # fmt: skip


def test_scripts_of_one_event_run_in_the_appspecs_order(site: Site) -> None:
    scripts = [{"location": "b.sh"}, {"location": "a.sh"}, {"location": "/c.sh"}]
    verdict = site.deploy(site.revision({"c.sh": "#!"}, appspec(hooks={"AfterInstall": scripts})))
    assert [(run.location, run.exists) for run in verdict.scripts] == [
        ("b.sh", False),
        ("a.sh", False),
        ("/c.sh", True),
    ]


def test_stop_and_block_traffic_run_from_the_last_completed_installs_revision(site: Site) -> None:
    stopping(site)
    spec = appspec(hooks=hooks("ApplicationStop", "AfterInstall"))
    revision = site.revision({"AfterInstall.sh": File("#!", 0o755)}, spec)
    verdict = site.deploy(revision)
    assert [(run.event, run.revision) for run in verdict.scripts] == [
        ("BeforeBlockTraffic", "d-LASTLAST1"),
        ("AfterBlockTraffic", "d-LASTLAST1"),
        ("ApplicationStop", "d-LASTLAST1"),
        ("AfterInstall", revision.label),
    ]
    assert verdict.scripts[2].path == f"{LAST}/deployment-archive/ApplicationStop.sh"
    assert [run.exists for run in verdict.scripts] == [False, False, True, True]


def test_without_a_completed_install_applicationstop_runs_nothing(site: Site) -> None:
    verdict = site.deploy(site.revision({}, appspec(hooks=hooks("ApplicationStop"))))
    assert list(verdict.scripts) == []


def test_a_script_that_is_not_there_fails_its_event(site: Site) -> None:
    stopping(site)
    missing = {run.event: run.note for run in site.deploy(site.revision({}, appspec())).scripts if not run.exists}
    assert set(missing) == {"BeforeBlockTraffic", "AfterBlockTraffic"}
    assert all("the event fails, and the deployment with it" in note for note in missing.values())


@posix_only
def test_a_script_that_is_not_executable_is_made_so(site: Site) -> None:
    spec = appspec(hooks=hooks("AfterInstall", "BeforeInstall"))
    files = {"AfterInstall.sh": File("#!", 0o644), "BeforeInstall.sh": File("#!", 0o755)}
    before, after = site.deploy(site.revision(files, spec)).scripts
    assert (before.executable, before.note) == (True, "")
    assert (after.executable, after.note) == (False, "not executable: the agent makes it so")


def test_a_script_can_run_as_another_user(site: Site) -> None:
    spec = appspec(hooks={"AfterInstall": [{"location": "a.sh", "runas": "web"}]})
    assert site.deploy(site.revision({}, spec)).scripts[0].runas == "web"


def test_the_last_completed_install_being_gone_fails_applicationstop_in_version_1(site: Site) -> None:
    site.completed(LAST)
    notes = site.deploy(site.revision({}, appspec())).notes
    assert any(f"{LAST}, the last completed Install, is gone: ApplicationStop fails" in note for note in notes)


def test_v2_the_last_completed_install_being_gone_is_passed_over(site_2: Site) -> None:
    site_2.completed(LAST)
    notes = site_2.deploy(site_2.revision({}, appspec())).notes
    assert any(f"{LAST}, the last completed Install, is gone: its ApplicationStop is passed over" in n for n in notes)


def test_a_last_revision_whose_appspec_is_refused_fails_applicationstop(site: Site) -> None:
    site.completed(site.deployed({"appspec.yml": "version: 9\n"}))
    notes = site.deploy(site.revision({}, appspec())).notes
    assert any("The appspec of the last completed Install is refused: ApplicationStop fails." in n for n in notes)


def test_install_takes_appspec_yaml_where_there_is_no_appspec_yml(site: Site) -> None:
    revision = site.revision({"app/a": "a", "appspec.yaml": appspec(("app", "/srv"))}, "")
    verdict = site.deploy(revision)
    assert (verdict.outcome, verdict.instructions) == ("succeeds", 2)
    assert any("events that run scripts look for appspec.yml alone" in note for note in verdict.notes)


def test_appspec_yml_counts_where_both_are_there(any_site: Site) -> None:
    revision = any_site.revision({"app/a": "a", "appspec.yaml": "version: nonsense"})
    assert any_site.deploy(revision).outcome == "succeeds"


def test_without_an_appspec_install_fails_and_removes_nothing(site: Site) -> None:
    site.put({"/srv/a": "a"})
    site.cleanup("/srv/a")
    verdict = site.deploy(site.revision({"app/a": "a"}, ""))
    assert verdict.failure is not None
    archive = f"{ROOT_DIR}/{GROUP}/d-NEXT00001/deployment-archive"
    assert verdict.failure.message == f"No such file or directory @ rb_sysopen - {archive}/appspec.yml"
    assert len(verdict.effects) == 0


def test_in_a_chain_the_deployment_before_is_the_last_completed_one(site: Site) -> None:
    stopping(site)
    spec = appspec(hooks=hooks("ApplicationStop"))
    revision = site.revision({"ApplicationStop.sh": File("#!", 0o755)}, spec)
    _, second = site.chain(revision, site.revision({}, appspec()))
    assert [(run.event, run.revision, run.exists) for run in second.scripts] == [
        ("ApplicationStop", revision.label, True)
    ]


def test_a_deployment_that_fails_in_its_install_event_does_not_become_the_last_completed_one(site: Site) -> None:
    stopping(site)
    site.put({"/srv/app/a": "there"})
    spec = appspec(("app", "/srv/app"), hooks=hooks("ApplicationStop"))
    first, second = site.chain(site.revision({"app/a": "a"}, spec), site.revision({}, appspec()))
    assert first.outcome == "fails"
    assert {run.revision for run in second.scripts} == {"d-LASTLAST1"}
