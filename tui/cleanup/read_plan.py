"""Reading a plan's JSON again, which anybody may have written: strict, bounded, one line for what is wrong."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from typing import Any, Optional

from tui.cleanup.export_json import SCHEMA, plan_hash
from tui.cleanup.records import Act, Plan, PlanStep, Refused, Seen, Warned, Why
from tui.disk.inventory import ABSENT, DIR, LINK, TYPE_NAMES
from tui.paths import from_bytes, normal_path, showable, split

LIMIT = 1 << 30  # bytes of a document
MOST_STEPS = 5_000_000
LONGEST = 32_767  # characters of a path
LONGEST_TEXT = 1 << 20  # characters of any other text
LONGEST_CONTENT = 64 << 20  # bytes of a record
_NUMBER = 2**64
_DIGITS = 20
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_CODE = re.compile(r"[a-z][a-z0-9-]{0,63}\Z")


class BadPlan(Exception):
    """A document that is no plan, or not one that may be used; ``str()`` is the line to print."""


def read_plan(data: bytes) -> Plan:
    """The plan that ``to_json`` wrote. Raises BadPlan.

    The hash shows what was changed by accident, or by somebody who does not recompute it: nothing in the plan
    is to be trusted for it. ``check_plan`` judges every step anew.
    """
    if len(data) > LIMIT:
        raise BadPlan(f"the plan is larger than {LIMIT >> 20} MiB")
    document = _parsed(data)
    if document.get("schema") != SCHEMA:
        raise BadPlan(f"the document is no plan of a cleanup: its schema is not {SCHEMA}")
    top = _Reader("the plan", document)
    source = top.inner("source")
    plan = Plan(
        source=source.text("label"),
        source_kind=source.one_of("kind", ("machine", "directory", "snapshot")),
        host=top.optional("host"),
        made=top.time("made"),
        version=top.text("version"),
        steps=tuple(_steps(top)),
        warnings=tuple(_warned(one) for one in top.several("warnings", MOST_STEPS)),
        refused=tuple(_refused(one) for one in top.several("refused", MOST_STEPS)),
        chosen_by=top.text("chosen_by"),
    )
    size = top.number("bytes")
    top.only(
        {"schema", "hash", "source", "host", "made", "version", "chosen_by", "bytes", "steps", "warnings", "refused"}
    )
    if document.get("hash") != plan_hash(plan) or size != plan.bytes:
        raise BadPlan("the plan's hash does not fit: it was changed or cut off since it was written; export it anew")
    return plan


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_constant,
        )
    except BadPlan:
        raise
    except (ValueError, RecursionError):
        raise BadPlan("the plan is no JSON document, or only a part of one") from None
    if not isinstance(document, dict):
        raise BadPlan("the plan is no JSON object")
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadPlan("the plan has a key twice in one object")
    return found


def _integer(text: str) -> int:
    if len(text) > _DIGITS + 1:
        raise BadPlan("the plan has a number that is out of bounds")
    return int(text)


def _fraction(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise BadPlan("the plan has a number that is out of bounds")
    return found


def _constant(text: str) -> Any:
    raise BadPlan(f"the plan has {text} for a number")


class _Reader:
    """Takes an object apart, key by key, and says where something is wrong."""

    def __init__(self, where: str, found: Any) -> None:
        self.where = where
        if not isinstance(found, dict):
            raise BadPlan(f"{where}: not an object")
        self._found = found
        self._used: set[str] = set()

    def wrong(self, key: str, what: str) -> BadPlan:
        return BadPlan(f"{self.where}: {key} {what}")

    def only(self, keys: set[str]) -> None:
        """Raise where there are others."""
        more = sorted(set(self._found) - keys - self._used)
        if more:
            raise BadPlan(f"{self.where}: the key {showable(more[0][:80])} is not known")

    def get(self, key: str) -> Any:
        if key not in self._found:
            raise self.wrong(key, "is missing")
        self._used.add(key)
        return self._found[key]

    def inner(self, key: str) -> _Reader:
        return _Reader(f"{self.where}: {key}", self.get(key))

    def several(self, key: str, most: int) -> list[_Reader]:
        found = self.get(key)
        if not isinstance(found, list) or len(found) > most:
            raise self.wrong(key, f"is no list, or one of more than {most:,}")
        name = key.rstrip("s")
        return [_Reader(f"{name} {number}", one) for number, one in enumerate(found, 1)]

    def text(self, key: str, longest: int = LONGEST_TEXT) -> str:
        """Text; where its bytes stand beside it, those."""
        found = self.get(key)
        if not isinstance(found, str) or len(found) > longest:
            raise self.wrong(key, "is no text, or too long")
        raw_key = f"{key}_b64"
        if raw_key not in self._found:
            try:
                found.encode("utf-8")
            except UnicodeEncodeError:
                raise self.wrong(key, "has half a character in it") from None
            return found
        raw = self.bytes(raw_key, 4 * longest)
        if raw is None or raw.decode("utf-8", "replace") != found:
            raise self.wrong(key, f"and {raw_key} do not say the same")
        return from_bytes(raw)

    def optional(self, key: str) -> Optional[str]:
        return None if self.get(key) is None else self.text(key)

    def bytes(self, key: str, most: int) -> Optional[bytes]:
        found = self.get(key)
        if found is None:
            return None
        if not isinstance(found, str) or len(found) > most * 2:
            raise self.wrong(key, "is no text, or too long")
        try:
            return base64.b64decode(found.encode("ascii"), validate=True)
        except (ValueError, binascii.Error):
            raise self.wrong(key, "is not base64") from None

    def number(self, key: str, least: int = 0, most: int = _NUMBER) -> int:
        found = self.get(key)
        if type(found) is not int or not least <= found < most:
            raise self.wrong(key, "is no whole number, or out of bounds")
        return found

    def time(self, key: str) -> float:
        found = self.get(key)
        if type(found) not in (int, float) or not math.isfinite(found) or not 0 <= found < 1e12:
            raise self.wrong(key, "is no time")
        return float(found)

    def one_of(self, key: str, values: tuple[str, ...]) -> str:
        found = self.get(key)
        if not isinstance(found, str) or found not in values:
            raise self.wrong(key, f"is none of {', '.join(values)}")
        return found

    def path(self, key: str) -> str:
        found = self.text(key, LONGEST)
        if "\0" in found or found == "/" or found.startswith("//") or normal_path(found) != found:
            raise self.wrong(key, "is not a whole path: relative, or with . or .. or a slash too many in it")
        return found


_STEP_KEYS = {"number", "path", "act", "why", "seen", "mark", "confidence", "evidence", "group", "content_b64"}
_SEEN_KEYS = {
    "type",
    "device",
    "inode",
    "mode",
    "uid",
    "gid",
    "size",
    "mtime_ns",
    "ctime_ns",
    "links",
    "target",
    "digest",
}
_BESIDE = {"path_b64", "evidence_b64", "group_b64", "target_b64"}


def _steps(top: _Reader) -> list[PlanStep]:
    steps: list[PlanStep] = []
    paths: set[str] = set()
    for number, reader in enumerate(top.several("steps", MOST_STEPS), 1):
        step = _step(reader)
        if step.number != number:
            raise reader.wrong("number", f"is {step.number}, and the steps are counted from 1")
        if step.path in paths:
            raise reader.wrong("path", "is that of an earlier step")
        above = split(step.path)[0]
        while above != "/":
            if above in paths:
                raise reader.wrong("path", "comes after the directory or file that it lies in")
            above = split(above)[0]
        paths.add(step.path)
        steps.append(step)
    return steps


def _step(reader: _Reader) -> PlanStep:
    act = Act(reader.one_of("act", tuple(act.value for act in Act)))
    content = reader.bytes("content_b64", LONGEST_CONTENT)
    if (act is Act.RESTORE) != (content is not None):
        raise reader.wrong("content_b64", "does not go with the act")
    step = PlanStep(
        number=reader.number("number", 1),
        path=reader.path("path"),
        act=act,
        why=Why(reader.one_of("why", tuple(why.value for why in Why))),
        seen=_seen(reader.inner("seen")),
        mark=reader.optional("mark"),
        confidence=reader.optional("confidence"),
        evidence=reader.text("evidence"),
        group=reader.optional("group"),
        content=content,
    )
    if act is Act.RESTORE and step.why is not Why.RECORDS:
        raise reader.wrong("act", "puts right what is not one of the agent's records")
    reader.only(_STEP_KEYS | _BESIDE)
    return step


def _seen(reader: _Reader) -> Seen:
    kind = TYPE_NAMES.index(reader.one_of("type", TYPE_NAMES[:ABSENT]))
    target, digest = reader.optional("target"), reader.optional("digest")
    if (kind == LINK) != (target is not None):
        raise reader.wrong("target", "does not go with the type")
    if digest is not None and (not _DIGEST.match(digest) or kind in (DIR, LINK)):
        raise reader.wrong("digest", "is no SHA-256 of a file")
    reader.only(_SEEN_KEYS | _BESIDE)
    number = reader.number
    return Seen(
        kind, number("device"), number("inode"), number("mode", 0, 0o10000), number("uid", 0, 2**32),
        number("gid", 0, 2**32), number("size", 0, 2**63), number("mtime_ns", -(2**63), 2**63),
        number("ctime_ns", -(2**63), 2**63), number("links", 0, 2**32), target, digest,
    )  # fmt: skip


def _code(reader: _Reader) -> str:
    code = reader.text("code", 64)
    if not _CODE.match(code):
        raise reader.wrong("code", "is none")
    return code


def _warned(reader: _Reader) -> Warned:
    paths = tuple(one.text("path", LONGEST) for one in reader.several("paths", MOST_STEPS))
    warned = Warned(_code(reader), reader.text("message"), paths)
    reader.only({"code", "message", "message_b64", "paths"})
    return warned


def _refused(reader: _Reader) -> Refused:
    refused = Refused(reader.text("path", LONGEST), _code(reader), reader.text("reason"))
    reader.only({"path", "path_b64", "code", "reason", "reason_b64"})
    return refused
