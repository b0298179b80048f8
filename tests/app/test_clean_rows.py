"""A plan's lines: in their order, fit for any width, and nothing that reaches the terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from tui.app.plan_rows import PlanRows, head_lines, is_deleting, weak_count
from tui.app.rows import Rows
from tui.app.ticked import Ticked
from tui.cleanup.records import Act, Plan, PlanStep, Refused, Seen, Warned, Why
from tui.disk.inventory import ABSENT, DIR, FILE

from .build import NOW, instance, shop, windows_instance

SEEN = Seen(FILE, 1, 2, 0o644, 0, 0, 2100, 10**18, 10**18, 1)
STEPS = (
    PlanStep(1, "/srv/shop/old.js", Act.QUARANTINE, Why.RESIDUE, SEEN, "orphaned", "likely", "an earlier one had it"),
    PlanStep(2, "/srv/shop/n\x1b[2J\udcff.js", Act.QUARANTINE, Why.PATH, SEEN, "unattributed", "possible"),
    PlanStep(3, "/srv/shop/d", Act.QUARANTINE, Why.RECORDS, SEEN._replace(kind=DIR)),
)
PLAN = Plan(
    "this machine", "machine", "ip-10-0-0-12", NOW, "1.0", STEPS,
    (Warned("held-open", "1 path is held open: by nginx (1033)", ("/srv/shop/old.js",)),),
    (Refused("/srv/shop", "protected", "a home"),),
)  # fmt: skip


def words(plan: Plan, width: int) -> list[str]:
    """All lines of a plan."""
    rows = PlanRows(plan, instance())
    return ["".join(piece for piece, _ in rows.line(at, width)) for at in range(len(rows))]


def test_warnings_come_first_then_what_is_refused_then_the_steps() -> None:
    said = words(PLAN, 100)
    assert [line[:2] for line in said] == ["! ", "\u2717 ", "O ", "U ", "\u00b7 "]
    assert "held open: by nginx (1033)" in said[0] and "a home" in said[1]
    assert "/srv/shop/old.js" in said[2] and "2.1K" in said[2] and "an earlier one had it" in said[2]
    assert "possible: chosen by hand" in said[3] and "/srv/shop/d/" in said[4]


@pytest.mark.parametrize("width", [60, 79, 80, 120, 300])
def test_lines_fit_and_are_safe(width: int) -> None:
    long = PLAN.steps[1]._replace(path="/" + "\u4e2d\x07" * 300, evidence="e\x1b" * 200)
    plan = replace(PLAN, steps=(*STEPS, long), refused=(Refused("/" + "x" * 500, "outside", "y\x9b" * 90),))
    for line in words(plan, width):
        assert line.isprintable() and cell_len(line) <= width
    rows = PlanRows(plan, instance())
    for at in range(len(rows)):
        assert all(piece.isprintable() for line in rows.detail(at) for piece, _ in line)


def test_windows_paths_are_native() -> None:
    step = STEPS[0]._replace(path="/C:/Shop/old.js")
    line = PlanRows(replace(PLAN, steps=(step,), warnings=(), refused=()), windows_instance()).line(0, 80)
    assert "C:\\Shop\\old.js" in "".join(piece for piece, _ in line)


def test_the_heading_says_where_to_and_what_is_refused() -> None:
    def said(plan: Plan) -> str:
        return "".join(piece for piece, _ in head_lines(plan, "web-1")[0])

    assert said(PLAN) == (
        "Plan: move 3 paths, 4.1KiB, to quarantine on web-1 (same file system, undo with J)  1 refused"
    )
    apart = replace(PLAN, warnings=(Warned("other-mount", "x"),), refused=())
    assert "some on another file system" in said(apart)
    deleting = replace(PLAN, steps=(STEPS[0]._replace(act=Act.DELETE),), refused=())
    assert said(deleting) == "Plan: DELETE 1 path, 2.1KiB, FOR GOOD, on web-1: there is no undo"
    assert is_deleting(deleting) and not is_deleting(PLAN)
    assert "nothing to do" in said(replace(PLAN, steps=()))
    assert weak_count(PLAN) == 1


def test_what_is_chosen_keeps_to_its_paths() -> None:
    examination = shop()
    rows, ticked = Rows(examination), Ticked(examination.inventory)
    ticked.turn(rows, 0)
    assert len(ticked) == sum(kind != ABSENT for kind in examination.inventory.type[: examination.inventory.end[0]])
    ticked.turn(rows, 0)
    assert len(ticked) == 0
    last = len(examination.inventory) - 1
    ticked.turn(rows, last)
    assert list(ticked.carried(shop().inventory).rows) == list(ticked.rows)
