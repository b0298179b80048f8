"""A plan as the journal keeps it: canonical JSON in pieces, with one SHA-256 over all of them, and back again.

The first piece is an object with what is not a step; each further one is an array of the columns of up to a thousand
steps, counted from 1 through all pieces: path, the ten numbers of what was seen, link target, digest, act, why, mark,
confidence, evidence, group, content. A column, but the first, whose values are all the same is an array of that one.
ASCII alone: a byte of a name that is not UTF-8 is ``\\udc80`` to ``\\udcff``, as everywhere in the program.
``content`` is base64.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, repeat
from typing import Any, NamedTuple, Optional

from tui.cleanup.records import Act, Plan, PlanStep, Refused, Seen, Warned, Why
from tui.disk.inventory import DIR
from tui.paths import normal_path

STEPS_IN_PIECE = 1000
_ACTS = {act.value: act for act in Act}
_WHYS = {why.value: why for why in Why}
_NUMBERS = range(1, 11)  # columns of a piece
_COLUMNS = 20
_TEXTS, _PERHAPS = (0, 13, 14, 17), (11, 12, 15, 16, 18, 19)
_NO_NAMES = ("/", "/.", "/..")
_SCHEMA = "codedeploy-forensics/journal-plan/2"


class BadPieces(Exception):
    """Pieces that are no plan, or not the one that was written; ``str()`` is a clause that says what is wrong."""


def pieces_of(plan: Plan) -> Iterator[bytes]:
    """The plan, piece by piece."""
    head = {
        "schema": _SCHEMA, "source": plan.source, "source_kind": plan.source_kind, "host": plan.host,
        "made": float(plan.made), "version": plan.version, "chosen_by": plan.chosen_by, "steps": len(plan.steps),
        "warnings": plan.warnings, "refused": plan.refused,
    }  # fmt: skip
    yield _encoded(head)
    for at in range(0, len(plan.steps), STEPS_IN_PIECE):
        yield _encoded(_columns(plan.steps[at : at + STEPS_IN_PIECE]))


def _columns(steps: Sequence[PlanStep]) -> list[Sequence[Any]]:
    _, paths, acts, whys, seen, *rest = zip(*steps)
    found: list[Sequence[Any]] = [paths]
    for column in (*zip(*seen), acts, whys, *rest):
        found.append(column[:1] if column.count(column[0]) == len(column) else column)
    return found


def hash_of(pieces: Iterable[bytes]) -> str:
    """The SHA-256 of all pieces, in hex."""
    total = hashlib.sha256()
    for piece in pieces:
        total.update(piece)
    return total.hexdigest()


def plan_of(pieces: Iterable[bytes], wanted: str) -> Plan:
    """The plan that was written, if it has that hash. Raises BadPieces."""
    listed = list(pieces)
    if hash_of(listed) != wanted:
        raise BadPieces("the plan is not the one that was written")
    try:
        head = json.loads(listed[0])
        if head["schema"] != _SCHEMA:
            raise BadPieces("the plan was written by another version")
        steps: list[PlanStep] = []
        for piece in listed[1:]:
            steps += _steps(json.loads(piece), len(steps) + 1)
        plan = Plan(
            head["source"], head["source_kind"], head["host"], float(head["made"]), head["version"],
            tuple(steps),
            tuple(Warned(code, message, tuple(paths)) for code, message, paths in head["warnings"]),
            tuple(Refused(*refused) for refused in head["refused"]), head["chosen_by"],
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        raise BadPieces("the plan cannot be read") from None
    check_steps(plan.steps)
    return plan


class Run(NamedTuple):
    """Neighbouring steps in one directory: ``steps[start:stop]``."""

    directory: str
    start: int
    stop: int


def runs_of(steps: Sequence[PlanStep]) -> list[Run]:
    """The steps by directory, in their order."""
    found: list[Run] = []
    last: Optional[str] = None
    start = 0
    for at, step in enumerate(steps):
        directory = step[1].rpartition("/")[0]
        if directory != last:
            if last is not None:
                found.append(Run(last or "/", start, at))
            last, start = directory, at
    if last is not None:
        found.append(Run(last or "/", start, len(steps)))
    return found


def check_steps(steps: Sequence[PlanStep]) -> list[Run]:
    """The steps by directory, if they are counted from 1, on whole paths, each once, and what is in a directory comes
    before it. Raises BadPieces."""
    for number, step in enumerate(steps, 1):
        path = step[1]
        if step[0] != number or path[:1] != "/" or path.endswith(_NO_NAMES) or "\0" in path:
            raise BadPieces(f"step {number} of the plan is not on a whole path")
    if len({step[1] for step in steps}) != len(steps):
        raise BadPieces("the plan has a path twice")
    runs = runs_of(steps)
    lasts: dict[str, int] = {}  # every directory on the way to a step -> the last step below it
    for directory, start, stop in runs:
        if normal_path(directory) != directory or steps[start].path[:2] == "//":
            raise BadPieces(f"step {start + 1} of the plan is not on a whole path")
        while directory:
            lasts[directory] = stop
            directory = directory.rpartition("/")[0]
    for number, step in enumerate(steps, 1):
        if step[1] in lasts and (number < lasts[step.path] or step.seen.kind != DIR):
            raise BadPieces(f"step {number} of the plan comes before what lies in it, or is no directory")
    return runs


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False, default=_base64).encode("ascii")


def _base64(value: Any) -> str:
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} in a plan")
    return base64.b64encode(value).decode("ascii")


def _steps(columns: list[list[Any]], number: int) -> Iterator[PlanStep]:
    """The steps of a piece, the first of them with this number. Raises ValueError and its like."""
    if len(columns) != _COLUMNS:
        raise ValueError
    size = len(columns[0])
    if not all(len(column) in (1, size) for column in columns):
        raise ValueError
    if not all({*map(type, columns[at])} == {int} for at in _NUMBERS):
        raise ValueError
    if not all({*map(type, columns[at])} == {str} for at in _TEXTS):
        raise ValueError
    if not all({*map(type, columns[at])} <= {str, type(None)} for at in _PERHAPS):
        raise ValueError
    columns[13] = [_ACTS[act] for act in columns[13]]
    columns[14] = [_WHYS[why] for why in columns[14]]
    columns[19] = [None if one is None else base64.b64decode(one, validate=True) for one in columns[19]]
    path, *whole = (column if len(column) == size else repeat(column[0], size) for column in columns)
    seen = map(Seen._make, zip(*whole[:12]))
    return map(PlanStep._make, zip(count(number), path, *whole[12:14], seen, *whole[14:]))
