"""A plan as the journal keeps it: canonical JSON in pieces, with one SHA-256 over all of them, and back again.

The first piece is an object with what is not a step; each further one is an array of up to a thousand steps, a step
an array: number, path, the ten numbers of what was seen, act, why, mark, confidence, evidence, group, content, link
target, digest. ASCII alone: a byte of a name that is not UTF-8 is ``\\udc80`` to ``\\udcff``,
as everywhere in the program. ``content`` is base64.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Callable

from tui.cleanup.records import Act, Plan, PlanStep, Refused, Seen, Warned, Why
from tui.disk.inventory import DIR
from tui.paths import normal_path

STEPS_IN_PIECE = 1000
_ACTS = {act.value: act for act in Act}
_WHYS = {why.value: why for why in Why}
_FIELDS = 21  # of a step in a piece
_NO_NAMES = ("", ".", "..")
_quoted: Callable[[str], str] = json.encoder.encode_basestring_ascii  # the one in C where there is one
_SCHEMA = "codedeploy-forensics/journal-plan/1"


class BadPieces(Exception):
    """Pieces that are no plan, or not the one that was written; ``str()`` is a clause that says what is wrong."""


def pieces_of(plan: Plan) -> Iterator[bytes]:
    """The plan, piece by piece."""
    head = {
        "schema": _SCHEMA, "source": plan.source, "source_kind": plan.source_kind, "host": plan.host,
        "made": plan.made, "version": plan.version, "chosen_by": plan.chosen_by, "steps": len(plan.steps),
        "warnings": plan.warnings, "refused": plan.refused,
    }  # fmt: skip
    yield _encoded(head)
    steps = iter(plan.steps)
    endings: dict[tuple[Any, ...], str] = {}  # most steps end alike
    while lines := [_line(step, endings) for step in islice(steps, STEPS_IN_PIECE)]:
        yield f"[{','.join(lines)}]".encode("ascii")


def _line(step: PlanStep, endings: dict[tuple[Any, ...], str]) -> str:
    number, path, act, why, seen, mark, confidence, evidence, group, content = step
    kind, device, inode, mode, uid, gid, size, mtime, ctime, links, target, digest = seen
    rest = (act, why, mark, confidence, evidence, group, target, digest)
    ending = endings.get(rest) if content is None else None
    if ending is None:
        ending = _encoded((act, why, mark, confidence, evidence, group, content, target, digest)).decode("ascii")[1:]
        if content is None and target is None and digest is None:
            endings[rest] = ending
    return (
        f"[{number},{_quoted(path)},{kind},{device},{inode},{mode},{uid},{gid},{size},{mtime},{ctime},{links},{ending}"
    )


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
        steps = tuple(step for piece in listed[1:] for step in _steps(json.loads(piece)))
        plan = Plan(
            head["source"], head["source_kind"], head["host"], float(head["made"]), head["version"], steps,
            tuple(Warned(code, message, tuple(paths)) for code, message, paths in head["warnings"]),
            tuple(Refused(*refused) for refused in head["refused"]), head["chosen_by"],
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        raise BadPieces("the plan cannot be read") from None
    check_steps(plan.steps)
    return plan


def check_steps(steps: Sequence[PlanStep]) -> None:
    """That steps are counted from 1, on whole paths, each once, what is in a directory before it. Raises BadPieces."""
    number_of: dict[str, int] = {}
    directories: dict[str, int] = {}  # every directory on the way to a step -> the last step below it
    last = None
    for number, step in enumerate(steps, 1):
        path = step.path
        directory, slash, name = path.rpartition("/")
        if directory != last:
            if not slash or (directory and (normal_path(directory) != directory or directory[:2] == "//")):
                raise BadPieces(f"step {number} of the plan is not on a whole path")
            last = directory
        if step.number != number or name in _NO_NAMES or "\0" in path:
            raise BadPieces(f"step {number} of the plan is not on a whole path")
        number_of[path] = number
        directories[directory] = number
    if len(number_of) != len(steps):
        raise BadPieces("the plan has a path twice")
    for directory, number in directories.items():
        while directory:
            planned = number_of.get(directory)
            if planned is not None and (planned < number or steps[planned - 1].seen.kind != DIR):
                raise BadPieces(f"step {planned} of the plan comes before what lies in it, or is no directory")
            directory = directory.rpartition("/")[0]


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False, default=_base64).encode("ascii")


def _base64(value: Any) -> str:
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} in a plan")
    return base64.b64encode(value).decode("ascii")


def _steps(rows: list[list[Any]]) -> Iterator[PlanStep]:
    """The steps of a piece; column by column, which is several times as quick. Raises ValueError and its like."""
    if {*map(len, rows)} != {_FIELDS}:
        raise ValueError
    columns = list(zip(*rows))
    number, path, *numbers = columns[:12]
    act, why, mark, confidence, evidence, group, content, target, digest = columns[12:]
    for column in (number, *numbers):
        if {*map(type, column)} != {int}:
            raise ValueError
    for column in (path, evidence):
        if {*map(type, column)} != {str}:
            raise ValueError
    for column in (mark, confidence, group, content, target, digest):
        if not {*map(type, column)} <= {str, type(None)}:
            raise ValueError
    seen = map(Seen._make, zip(*numbers, target, digest))
    contents = (None if one is None else base64.b64decode(one, validate=True) for one in content)
    acts, whys = map(_ACTS.__getitem__, act), map(_WHYS.__getitem__, why)
    return map(PlanStep._make, zip(number, path, acts, whys, seen, mark, confidence, evidence, group, contents))
