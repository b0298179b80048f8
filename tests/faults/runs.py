"""One cleanup or undo with a fault in it, and what has to be true after it was recovered."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any, Callable, Optional, Union

from tests.faults.faulty import Faulty, Killed
from tests.faults.trees import picture
from tui.cleanup.calls import Calls, real_calls
from tui.cleanup.execute import carry_out
from tui.cleanup.history import steps_of
from tui.cleanup.records import Did, Plan, Result
from tui.cleanup.recover import cut_off, recover
from tui.cleanup.session import Terms
from tui.cleanup.state_dir import CleanupError, open_site
from tui.cleanup.undo import undo
from tui.paths import to_bytes

STATE = "/state"  # inside the tree's top, beside what is compared
TERMS = Terms(time.time, lambda: 0.0)


def clean(calls: Calls, top: Path, plan: Plan, terms: Terms = TERMS, apart: Optional[Path] = None) -> Result:
    """Carry a plan out."""
    with open_site(calls, {"": str(top)}, STATE, None if apart is None else str(apart)) as site:
        return last(carry_out(site, plan, terms, who="root", host="web-1", tool="1"))


def undone(calls: Calls, top: Path, key: Optional[str] = None, apart: Optional[Path] = None) -> Result:
    """Undo a cleanup."""
    with open_site(calls, {"": str(top)}, STATE, None if apart is None else str(apart)) as site:
        return last(undo(site, TERMS, key))


def recovered(calls: Calls, top: Path, finish: bool, apart: Optional[Path] = None) -> Optional[Result]:
    """Recover what was cut off; None where nothing was."""
    with open_site(calls, {"": str(top)}, STATE, None if apart is None else str(apart)) as site:
        try:
            if cut_off(site, TERMS) is None:
                return None
        except CleanupError as error:
            assert "there is no journal" in str(error), error
            return None
        return last(recover(site, TERMS, finish=finish))


def last(events: Any) -> Result:
    """What came last."""
    *_, result = events
    assert isinstance(result, Result)
    return result


def quiet() -> Faulty:
    """Calls without a fault, as quick as those with one."""
    return Faulty(real_calls())


def faulted(run: Callable[[Faulty], object], at: int, mode: Union[str, int]) -> Faulty:
    """A run with one fault. Only typed errors may come out of it, and the end of the process."""
    calls = Faulty(real_calls(), at, mode)
    with contextlib.suppress(Killed, CleanupError):
        run(calls)
    return calls


def check_told(top: Path, key: str, before: dict[bytes, Any]) -> None:
    """Every entry is in its place or in quarantine, to the last attribute, and the journal says in which."""
    with open_site(quiet(), {"": str(top)}, STATE) as site:
        results = steps_of(site, key)
    kept = f"{STATE}/quarantine/{key}".encode()
    for result in results:
        path = to_bytes(result.path)
        there, held = os.path.lexists(os.fsencode(top) + path), os.path.lexists(os.fsencode(top) + kept + path)
        directory = before[path][0] & 0o170000 == 0o040000
        assert result.did in (Did.MOVED, Did.RESTORED, Did.SKIPPED, Did.FAILED, Did.PUT_BACK, Did.CONFLICT), result
        if directory:
            assert there == (not result.held), result
        else:
            assert same(_one(top, kept + path if result.held else path), before[path]), (result, there, held)


def _one(top: Path, path: bytes) -> Any:
    found = picture(top, path)
    return found[path]


def same(a: Any, b: Any) -> bool:
    """Whether two entries are alike but for the name under which their hard links are told."""
    return bool(a[:6] == b[:6] and a[7] == b[7])
