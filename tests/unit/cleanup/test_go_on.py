"""A deployment in progress stops a cleanup, an undo or a recovery; whoever goes on in spite of it is told of."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Callable

import pytest

from tests.support import posix_only
from tests.unit.cleanup.support import Machine, last, names, told, write
from tui.cleanup.execute import carry_out
from tui.cleanup.history import entries, steps_of
from tui.cleanup.records import Act, Did, Entry, State
from tui.cleanup.recover import recover
from tui.cleanup.session import InProgress

PATHS = tuple(f"/srv/shop/{name}.txt" for name in "abcdef")
SEEN = "deployment d-1 is in progress"


class Deploying(Machine):
    """A machine on which a deployment is seen from the nth look on, until somebody goes on in spite of it."""

    def __init__(self, top: Path) -> None:
        super().__init__(top)
        ticks = count()
        self.clock = lambda: float(next(ticks))  # the guard is asked before every step
        self.go_on = self._goes_on
        self.meanwhile: Callable[[], object] = lambda: None

    def from_look(self, number: int) -> None:
        """Have it begin."""
        looks = count(1)
        self.forced = []
        self.fine = lambda: SEEN if next(looks) >= number and not self.forced else None

    def _goes_on(self, reason: str) -> bool:
        self.meanwhile()
        self.forced.append(f"forced, it hangs: {reason}")
        return True

    def entry(self) -> Entry:
        """The last cleanup of the journal."""
        with self.site() as site:
            return entries(site)[0]

    def cut_off(self) -> None:
        """Begin to move all, and end after some."""
        with self.site() as site:
            events = carry_out(site, self.plan(*PATHS), self.terms, who="root", host="web-1", tool="1")
            while self.place(PATHS[0]).exists():
                next(events)
            events.close()  # type: ignore[attr-defined]

    def settle(self, finish: bool) -> None:
        with self.site() as site:
            last(recover(site, self.terms, finish=finish))


@pytest.fixture
def machine(tmp_path: Path) -> Deploying:
    made = Deploying(tmp_path / "top")
    for path in PATHS:
        write(made.place(path), path.encode())
    return made


def test_before_anything_is_done_nothing_is_but_for_who_goes_on(machine: Deploying) -> None:
    machine.from_look(1)
    machine.go_on = lambda reason: False
    with pytest.raises(InProgress, match="d-1 is in progress; nothing was done"):
        machine.clean(machine.plan(*PATHS))
    machine.go_on = machine._goes_on
    machine.from_look(1)
    assert machine.clean(machine.plan(*PATHS), "disk full").state is State.DONE
    assert machine.entry().reason == f"disk full; forced, it hangs: {SEEN}"


def test_what_changed_while_the_operator_was_asked_is_looked_at_again(machine: Deploying) -> None:
    plan = machine.plan(*PATHS, "/srv/shop")
    machine.from_look(2)  # after all was looked at, before the plan is in the journal
    machine.meanwhile = lambda: write(machine.place("/srv/shop/new.txt"))
    result = machine.clean(plan)
    assert told(result)[-1] == ("/srv/shop", "skipped") and "added" in result.results[-1].reason


def test_midway_all_is_in_the_journal_before_the_operator_is_asked(machine: Deploying) -> None:
    seen: list[tuple[State, list[Did]]] = []

    def meanwhile() -> None:
        with machine.site() as site:
            seen.append((machine.entry().state, [one.did for one in steps_of(site, machine.entry().id)]))

    machine.from_look(4)
    machine.meanwhile = meanwhile
    result = machine.clean(machine.plan(*PATHS[:3], write_deep(machine), *PATHS[3:]))
    ((state, did),) = seen
    assert state is State.RUNNING and did[:3] == [Did.MOVED] * 3 and set(did[3:]) == {Did.PENDING}
    assert result.state is State.DONE and machine.entry().reason == f"forced, it hangs: {SEEN}"


@posix_only
def test_a_directory_that_was_exchanged_meanwhile_is_not_followed(machine: Deploying) -> None:
    shop = machine.place("/srv/shop")

    def meanwhile() -> None:
        shop.rename(machine.top / "elsewhere")
        shop.symlink_to("../elsewhere")

    machine.from_look(4)
    machine.meanwhile = meanwhile
    result = machine.clean(machine.plan(*PATHS, act=Act.DELETE))  # one at a time
    assert [did for _, did in told(result)] == ["deleted", *["skipped"] * 5]
    assert len(names(machine.top / "elsewhere")) == 5


@posix_only
def test_nothing_is_put_back_into_a_directory_that_was_exchanged_meanwhile(machine: Deploying) -> None:
    shop = machine.place("/srv/shop")
    (shop / "x").mkdir()
    machine.clean(machine.plan(*PATHS, "/srv/shop/x"))

    def meanwhile() -> None:
        shop.rename(machine.top / "elsewhere")
        shop.symlink_to("../elsewhere")

    machine.from_look(3)
    machine.meanwhile = meanwhile
    result = machine.undo()
    assert [did for _, did in told(result)] == [*["conflict"] * 6, "put back"]
    assert names(machine.top / "elsewhere") == ["x"]


def write_deep(machine: Deploying) -> str:
    """A file in a directory of its own, so that the one before is left."""
    write(machine.place("/srv/shop/deep/z.txt"))
    return "/srv/shop/deep/z.txt"


@pytest.mark.parametrize("look", [1, 3])
def test_an_undo(machine: Deploying, look: int) -> None:
    machine.clean(machine.plan(*PATHS[:2], write_deep(machine), *PATHS[2:]))
    machine.from_look(look)
    states: list[State] = []
    machine.meanwhile = lambda: states.append(machine.entry().state)
    assert machine.undo().state is State.UNDONE
    assert states == [State.DONE if look == 1 else State.UNDOING]
    assert machine.entry().reason == f"undo forced, it hangs: {SEEN}"
    assert all(machine.place(path).exists() for path in PATHS)


@pytest.mark.parametrize(("finish", "left"), [(True, 0), (False, 6)])
def test_a_recovery_asks_before_it_begins(machine: Deploying, finish: bool, left: int) -> None:
    machine.cut_off()
    before = [machine.place(path).exists() for path in PATHS]
    was = machine.entry()
    machine.from_look(1)
    machine.go_on = lambda reason: False
    with pytest.raises(InProgress, match="nothing was done"):
        machine.settle(finish)
    assert (machine.entry(), [machine.place(path).exists() for path in PATHS]) == (was, before)
    machine.go_on = machine._goes_on
    machine.settle(finish)
    assert sum(machine.place(path).exists() for path in PATHS) == left
    assert machine.entry().reason == f"{'finishing' if finish else 'roll back'} forced, it hangs: {SEEN}"


def test_an_undo_that_was_cut_off_asks_before_it_is_left_where_it_is(machine: Deploying) -> None:
    machine.clean(machine.plan(*PATHS))
    from tui.cleanup.undo import undo

    with machine.site() as site:
        events = undo(site, machine.terms)
        next(events)
        events.close()  # type: ignore[attr-defined]
    was = machine.entry()
    assert was.state is State.UNDOING
    machine.from_look(1)
    machine.go_on = lambda reason: False
    with pytest.raises(InProgress):
        machine.settle(finish=False)
    assert machine.entry() == was
