"""What the app is given to clean up with, by the command line that started it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.test_cli import Stream
from tui.app.cleaning import RESIDUE, ROWS, UNBLOCK, Choice, CleanPorts, planning
from tui.cleanup import plan, presets
from tui.cli import main
from tui.ports import real_ports

from .cleans import Cleanable, cleanable


@pytest.fixture
def of() -> Iterator[Cleanable]:
    with cleanable() as found:
        yield found


def started(*argv: str) -> CleanPorts:
    """The app's ports for cleanups, of a command line."""
    found: list[CleanPorts] = []

    def run_app(root: Any, options: Any, scan: Any, demo: Any, **engine: Any) -> int:
        found.append(engine["cleans"](root))
        if demo is not None:
            with demo() as example:
                found.append(engine["cleans"](example))
        return 0

    streams = {"stdin": Stream(True), "stdout": Stream(True), "stderr": Stream(True)}
    assert main(argv, ports=replace(real_ports(), run_app=run_app, **streams)) == 0  # type: ignore[arg-type]
    if len(found) == 2:
        assert found[1].why_not == "" and found[1].root is not found[0].root  # the example is there to be tried
    return found[0]


@pytest.mark.parametrize("writable", [True, False])
def test_a_directory_is_changed_only_where_the_app_was_started_so(of: Cleanable, writable: bool) -> None:
    ports = started(str(of.top), *(["--writable"] if writable else []))
    assert bool(ports.why_not) is not writable
    assert writable or "--writable allows it" in ports.why_not
    assert ports.host(of.of.examination.instance) == "ip-10-0-0-12"


def test_this_machine_is_not_taken_for_another_ones_volume(of: Cleanable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.path.samefile", lambda one, other: one == str(of.top))
    assert "is this machine itself; leave SOURCE out" in started(str(of.top), "--writable").why_not


def test_an_example_may_be_cleaned_up() -> None:
    assert started("demo").why_not == ""


@pytest.mark.parametrize(
    ("kind", "stopped"), [(ROWS, plan.Stopped), (RESIDUE, plan.Stopped), (UNBLOCK, presets.Stopped)]
)
def test_planning_ends_where_nobody_waits_for_it_any_more(of: Cleanable, kind: str, stopped: type[Exception]) -> None:
    examination = of.of.examination
    group = examination.instance.groups[0].id if kind == UNBLOCK else None
    todo = planning(of.ports, Choice(kind, group, rows=range(len(examination.inventory)), possible=True), examination)
    with pytest.raises(stopped):
        list(todo(lambda: True))
    assert list(todo(lambda: False))
