"""When Install events ran, by the scripts around them and by the records that they write."""

from __future__ import annotations

from tests.unit.forensics.instances import deployment_of, group_of, instance_with, log_of, run_of
from tui.agent.records import InstallPlan, Pointer
from tui.forensics.evidence.install_times import InstallTimes, install_evidence

GROUP = group_of("shop", deployment_of("d-ABCDEFGH1", "shop"))


def times(*runs, groups=(GROUP,), zone=0) -> InstallTimes:
    return InstallTimes(instance_with(groups=groups, logs=(log_of(runs),)), lambda *_: zone)


def test_the_time_between_the_scripts_around_it() -> None:
    found = times(run_of("BeforeInstall", 10.0, 12.0), run_of("AfterInstall", 15.0))
    window = found.at(13.0)
    assert window is not None
    assert (window.start, window.end, window.deployment) == (12.0, 15.0, "d-ABCDEFGH1")
    assert found.at(11.9) is None
    assert found.at(15.1) is None
    assert install_evidence(window, "made").detail == (
        "made between the scripts before and after, so maybe when, the Install event of d-ABCDEFGH1 ran"
    )


def test_log_times_are_local() -> None:
    found = times(run_of("BeforeInstall", 7210.0), run_of("AfterInstall", 7215.0), zone=7200)
    assert found.at(12.0) is not None
    assert found.at(7212.0) is None


def test_nothing_is_known_without_scripts_on_both_sides() -> None:
    assert not times(run_of("BeforeInstall", 10.0), run_of("ApplicationStop", 15.0)).windows
    assert not times(run_of("AfterInstall", 10.0), run_of("ApplicationStart", 15.0)).windows
    assert not times(run_of("BeforeInstall", 10.0), run_of("AfterInstall", 9999.0)).windows


def test_the_records_of_the_last_one_are_exact() -> None:
    plan = InstallPlan("/i/shop-install.json", mtime=13.0)
    pointer = Pointer("/i/shop_last_successful_install", "/r/shop/d-ABCDEFGH1", "d-ABCDEFGH1", True, mtime=14.0)
    exact = group_of("shop", deployment_of("d-ABCDEFGH1", "shop"), plan=plan, last_successful=pointer)
    found = times(run_of("BeforeInstall", 10.0), run_of("AfterInstall", 20.0), groups=(exact,))
    assert [(w.start, w.end) for w in found.windows] == [(13.0, 14.0)]
    assert install_evidence(found.windows[0], "made").detail == "made when the Install event of d-ABCDEFGH1 ran"


def test_a_plan_younger_than_the_pointer_tells_of_an_install_that_did_not_end() -> None:
    plan = InstallPlan("/i/shop-install.json", mtime=30.0)
    pointer = Pointer("/i/shop_last_successful_install", "/r/shop/d-ABCDEFGH1", "d-ABCDEFGH1", True, mtime=14.0)
    assert not times(groups=(group_of("shop", plan=plan, last_successful=pointer),)).windows
