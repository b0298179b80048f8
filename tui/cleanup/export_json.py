"""A plan as JSON, for review and for ``clean --plan``: canonical, complete, with the hash that the journal has too."""

from __future__ import annotations

import base64
import json
from typing import Any

from tui.cleanup.canonical import hash_of, pieces_of
from tui.cleanup.records import Plan, PlanStep, Refused, Seen, Warned
from tui.disk.inventory import TYPE_NAMES
from tui.paths import to_bytes

SCHEMA = "codedeploy-forensics/clean-plan/1"
_ENCODER = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)


def to_json(plan: Plan) -> bytes:
    """The plan's document: ASCII, keys in order, one line a step; ``hash`` is ``plan_hash``."""
    return _lines({**_document(plan), "hash": plan_hash(plan)})


def plan_hash(plan: Plan) -> str:
    """The SHA-256 in hex by which a plan is known, over all that it says, however it is written."""
    return hash_of(pieces_of(plan))


def _canonical(value: Any) -> bytes:
    return _ENCODER.encode(value).encode("ascii")


def _lines(document: dict[str, Any]) -> bytes:
    """The same JSON with line ends between the entries of its lists, for people and their diffs."""
    parts = []
    for key in sorted(document):
        value = document[key]
        if isinstance(value, list) and value:
            text = b"[\n" + b",\n".join(map(_canonical, value)) + b"\n]"
        else:
            text = _canonical(value)
        parts.append(_canonical(key) + b":" + text)
    return b"{\n" + b",\n".join(parts) + b"\n}\n"


def _document(plan: Plan) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "source": {**_text("label", plan.source), "kind": plan.source_kind},
        "host": plan.host,
        "made": plan.made,
        "version": plan.version,
        **_text("chosen_by", plan.chosen_by),
        "bytes": plan.bytes,
        "steps": [_step(step) for step in plan.steps],
        "warnings": [_warned(warned) for warned in plan.warnings],
        "refused": [_refused(refused) for refused in plan.refused],
    }


def _text(key: str, text: str) -> dict[str, str]:
    """Text of unknown origin: what is not Unicode is U+FFFD in it, and its bytes are beside it."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raw = to_bytes(text)
        return {key: raw.decode("utf-8", "replace"), f"{key}_b64": base64.b64encode(raw).decode("ascii")}
    return {key: text}


def _step(step: PlanStep) -> dict[str, Any]:
    return {
        "number": step.number,
        **_text("path", step.path),
        "act": step.act.value,
        "why": step.why.value,
        "seen": _seen(step.seen),
        "mark": step.mark,
        "confidence": step.confidence,
        **_text("evidence", step.evidence),
        **({"group": None} if step.group is None else _text("group", step.group)),
        "content_b64": None if step.content is None else base64.b64encode(step.content).decode("ascii"),
    }


def _seen(seen: Seen) -> dict[str, Any]:
    found = seen._asdict()
    found["type"] = TYPE_NAMES[found.pop("kind")]
    target = found.pop("target")
    return {**found, **({"target": None} if target is None else _text("target", target))}


def _warned(warned: Warned) -> dict[str, Any]:
    return {
        "code": warned.code,
        **_text("message", warned.message),
        "paths": [_text("path", path) for path in warned.paths],
    }


def _refused(refused: Refused) -> dict[str, Any]:
    return {**_text("path", refused.path), "code": refused.code, **_text("reason", refused.reason)}
