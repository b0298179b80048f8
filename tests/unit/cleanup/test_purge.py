"""Freeing quarantine: what was named, of what age, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import pytest

from tests.unit.cleanup.support import Machine, names, told, write
from tui.cleanup.history import entries
from tui.cleanup.purge import Purged, purge
from tui.cleanup.records import State
from tui.cleanup.state_dir import CleanupError


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    top = tmp_path / "top"
    for name in ("a.txt", "b.txt", "deep/c.txt"):
        write(top / "srv" / "shop" / name, name.encode())
    return Machine(top)


def purged(machine: Machine, *keys: str, older_than: Optional[float] = None) -> Purged:
    with machine.site() as site:
        *_, result = purge(site, machine.terms, keys=keys, older_than=older_than)
    assert isinstance(result, Purged)
    return result


def states(machine: Machine) -> dict[str, State]:
    with machine.site() as site:
        return {entry.id: entry.state for entry in entries(site)}


def test_one_by_its_id(machine: Machine) -> None:
    first = machine.clean(machine.plan("/srv/shop/deep/c.txt", "/srv/shop/deep"))
    second = machine.clean(machine.plan("/srv/shop/a.txt"))
    result = purged(machine, first.id)
    assert (result.ids, result.removed, result.bytes, result.left) == ([first.id], 1, len("deep/c.txt"), [])
    assert names(machine.place("/state/quarantine")) == [second.id]
    assert states(machine) == {first.id: State.PURGED, second.id: State.DONE}
    with pytest.raises(CleanupError, match="nothing of it is in quarantine"):
        machine.undo(first.id)
    assert told(machine.undo(second.id)) == [("/srv/shop/a.txt", "put back")]


def test_by_age(machine: Machine) -> None:
    first = machine.clean(machine.plan("/srv/shop/a.txt"))
    machine.time += 100
    second = machine.clean(machine.plan("/srv/shop/b.txt"))
    assert purged(machine, older_than=101).ids == []
    machine.time += 2
    assert purged(machine, older_than=101).ids == [first.id]
    assert states(machine)[second.id] is State.DONE


@pytest.mark.parametrize("key", ["20200101-000000-abcdef", "..", "../..", ""])
def test_what_is_not_in_the_journal(machine: Machine, key: str) -> None:
    first = machine.clean(machine.plan("/srv/shop/a.txt"))
    with pytest.raises(CleanupError, match="there is no such cleanup"):
        purged(machine, first.id, key)
    assert machine.kept(first, "/srv/shop/a.txt").exists()


def test_a_stop_leaves_the_rest(machine: Machine) -> None:
    first = machine.clean(machine.plan("/srv/shop/a.txt"))
    machine.stop = lambda: True
    assert purged(machine, first.id).ids == []
    machine.stop = lambda: False
    assert states(machine)[first.id] is State.DONE
    assert told(machine.undo()) == [("/srv/shop/a.txt", "put back")]
