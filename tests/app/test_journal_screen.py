"""The journal: what was done, taking it back, and settling what was cut off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tui.app.cleaning import ROWS, Choice, Planned, carrying_out, planning
from tui.app.screens.journal import JournalScreen
from tui.app.screens.undo import EntryScreen

from .cleans import HOST, Cleanable, answer, at_rest, cleanable, done, news_of, opened, unasked
from .drive import cursor_line, lines, press, text, until

MESSAGES = ("messages.de", "messages.en", "messages.fr")


@pytest.fixture
def of() -> Iterator[Cleanable]:
    with cleanable() as found:
        yield found


def plan_of(of: Cleanable, *paths: str) -> Planned:
    """The plan for some files."""
    inventory = of.of.examination.inventory
    rows = sorted(row for row, path in inventory.paths() if path in paths or path.endswith(paths))
    (news,) = news_of(planning(of.ports, Choice(ROWS, rows=rows, possible=True), of.of.examination))
    assert isinstance(news.result, Planned), news.failure
    return news.result


def clean(of: Cleanable, *paths: str) -> Planned:
    """Clean some files up."""
    planned = plan_of(of, *paths)
    news = news_of(unasked(carrying_out(of.ports, planned, of.of.examination.instance)))
    assert news[-1].failure is None and len(planned.plan.steps) == len(paths)
    return planned


def cut_off(of: Cleanable, *paths: str) -> None:
    """Begin to clean some files up, and end in the middle as a killed process does."""
    events = unasked(carrying_out(of.ports, plan_of(of, *paths), of.of.examination.instance))(lambda: False)
    next(events)
    # The journal has the plan, and nothing of what was done: as after a kill right then.
    from tui.cleanup import execute

    def killed(*args: object) -> Iterator[object]:
        raise KeyboardInterrupt
        yield

    kept, execute.run = execute.run, killed  # type: ignore[assignment]
    try:
        with pytest.raises(KeyboardInterrupt):
            list(events)
    finally:
        execute.run = kept


async def test_an_empty_journal(of: Cleanable) -> None:
    async with opened(of, "J") as pilot:
        await at_rest(pilot)
        assert "Journal: 0 cleanups" in text(pilot) and "journal purge" in text(pilot)
    assert not of.place("/var/lib/codedeploy-forensics").exists()


async def test_some_steps_are_put_back_and_then_the_rest(of: Cleanable) -> None:
    before = of.tree()
    clean(of, *MESSAGES)
    async with opened(of, "J") as pilot:
        await at_rest(pilot)
        assert "done" in cursor_line(pilot) and "root (alice)" in cursor_line(pilot)
        await press(pilot, "enter")
        await at_rest(pilot)
        assert "3 paths in quarantine" in text(pilot)
        await press(pilot, "space")
        assert "1 of them chosen" in text(pilot)
        await press(pilot, "u")
        await answer(pilot, f"1 {HOST}")
        await done(pilot)
        assert "1 put back" in text(pilot)
        assert sum(path not in of.tree() for path in before) == 2
        await press(pilot, "escape")
        await at_rest(pilot)
        assert isinstance(pilot.app.screen, JournalScreen) and "partly undone" in text(pilot)
        await press(pilot, "enter")
        await at_rest(pilot)
        await press(pilot, "u")
        await answer(pilot, "no")
        assert isinstance(pilot.app.screen, EntryScreen) and "Not confirmed" in text(pilot)
        await press(pilot, "u")
        await answer(pilot, f"2 {HOST}")
        await done(pilot)
    assert of.tree() == before


async def test_a_conflict_is_named_and_the_rest_goes_on(of: Cleanable) -> None:
    planned = clean(of, *MESSAGES)
    of.place(planned.plan.steps[0].path).write_text("newer")
    async with opened(of, "J") as pilot:
        await at_rest(pilot)
        await press(pilot, "enter")
        await at_rest(pilot)
        await press(pilot, "u")
        await answer(pilot, f"3 {HOST}")
        await done(pilot)
        assert "2 put back" in text(pilot) and "1 path not" in text(pilot)
        assert cursor_line(pilot).startswith(">conflict")
    assert of.place(planned.plan.steps[0].path).read_text() == "newer"


@pytest.mark.parametrize(("key", "gone"), [("F", 3), ("B", 0)])
async def test_what_was_cut_off_is_on_top_and_is_settled(of: Cleanable, key: str, gone: int) -> None:
    before = of.tree()
    cut_off(of, *MESSAGES)
    of.now += 60
    async with opened(of) as pilot:
        await until(pilot, lambda: "1 cleanup cut off or still running: J tells" in text(pilot))
        await press(pilot, "J")
        await at_rest(pilot)
        assert "F finishes it, B rolls it back" in text(pilot) and cursor_line(pilot).startswith(">\u2717")
        await press(pilot, "x", "u", "d")
        await press(pilot, key)
        await answer(pilot, f"3 {HOST}")
        await done(pilot)
        assert sum(path not in of.tree() for path in before) == gone
        await press(pilot, "escape")
        await at_rest(pilot)
        assert "cut off" not in text(pilot)


async def test_nothing_is_put_back_where_nothing_may_be_changed(of: Cleanable) -> None:
    clean(of, *MESSAGES)
    before, of.writable = of.tree(), False
    async with opened(of, "J") as pilot:
        await at_rest(pilot)
        await press(pilot, "enter")
        await at_rest(pilot)
        assert "nothing can be put back" in text(pilot)
        await press(pilot, "u", "F", "B", "space")
        assert isinstance(pilot.app.screen, EntryScreen)
    assert of.tree() == before


async def test_all_lines_fit(of: Cleanable) -> None:
    clean(of, *MESSAGES)
    async with opened(of, "J") as pilot:
        await at_rest(pilot)
        await until(pilot, lambda: "cleanup" in text(pilot))
        assert all(len(line) <= 80 for line in lines(pilot))
