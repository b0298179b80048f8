"""Files named after a lifecycle event or a deployment."""

from __future__ import annotations

import pytest

from tests.unit.forensics.instances import instance_with, log_of, run_of
from tui.forensics.evidence.script_names import ScriptNames, name_evidence
from tui.forensics.marks import Mark

NAMES = ScriptNames(instance_with(logs=(log_of([run_of("AfterInstall", 10.0), run_of("Odd", 20.0)]),)))


@pytest.mark.parametrize(
    "name", ["AfterInstall.done", "after_install.log", "rev1-after-install-2", ".afterinstall-marker", "d-ABCDEFGH1.ok"]
)
def test_a_name_that_holds_an_event_or_a_deployment(name: str) -> None:
    found = NAMES.of(name)
    assert found is not None
    evidence = name_evidence(found)
    assert evidence.for_mark == Mark.SCRIPT_CREATED
    assert evidence.source is not None


@pytest.mark.parametrize(
    "name",
    [
        "BeforeInstall.done",  # no script ran for that event here
        "after.log",
        "Odd-and-some-more",  # no event of the agent's
        "d-ABCDEFGH2.ok",  # no deployment of this instance
        "xd-ABCDEFGH1",
        "install.log",
    ],
)
def test_a_name_that_holds_nothing_of_the_kind(name: str) -> None:
    assert NAMES.of(name) is None


def test_an_event_does_not_tell_which_deployment_it_was() -> None:
    found = NAMES.of("AfterInstall.done")
    assert found is not None
    assert found.deployment is None
    assert NAMES.of("d-ABCDEFGH1.ok").deployment == "d-ABCDEFGH1"  # type: ignore[union-attr]
