"""The JSON form of a cleanup: the plan, and where it was carried out what became of each path.

Fields may be added; none is renamed or dropped without a new schema number. Paths of a Windows instance are in its
native form. A path that is not UTF-8 has U+FFFD in it and the exact bytes, base64, in a member of the same name with
``_b64`` added; a list of such has a list beside it, null where an entry is exact. ``bytes`` are those of the files
that were moved or deleted, 0 where nothing was carried out; the plan has its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tui.agent.records import Instance
from tui.cleanup.records import Did, PlanStep, Refused, StepResult, Warned
from tui.disk.inventory import DIR, TYPE_NAMES
from tui.report.clean_rows import DONE, NANO, Cleaned
from tui.report.preview_members import Items, Native, member, number, object_of, pieces
from tui.report.sink import Sink
from tui.report.text import exact, exact_list, sentence

SCHEMA = "codedeploy-forensics/clean/1"


def write(cleaned: Cleaned, instance: Instance, sink: Sink) -> None:
    """Write the document: ASCII alone, a member a line, a path a line, made as they are written."""
    for piece in pieces(document(cleaned, instance)):
        sink.write(piece)
    sink.write("\n")


def document(cleaned: Cleaned, instance: Instance) -> dict[str, Any]:
    """The ``clean`` document, to be given to ``pieces``: its long lists are Items."""
    plan, result, native = cleaned.plan, cleaned.result, instance.native
    done = [] if result is None else result.of(*DONE)
    failed = [] if result is None else result.of(Did.FAILED)
    skipped = [] if result is None else result.of(Did.SKIPPED)
    return {
        "schema": SCHEMA,
        "source": {"kind": instance.kind, **exact("label", instance.label), **exact("hostname", instance.hostname)},
        "id": None if result is None else result.id,
        "state": None if result is None else result.state.value,
        **exact("chosen_by", sentence(plan.chosen_by)),
        "notes": [sentence(note) for note in cleaned.notes],
        "in_progress": None if cleaned.in_progress is None else sentence(cleaned.in_progress),
        "forced": [sentence(one) for one in cleaned.forced],
        "plan": {
            "made": plan.made,
            "version": plan.version,
            **exact("host", plan.host),
            "bytes": plan.bytes,
            "freed": plan.freed,
            "warnings": [_warned(one, native) for one in plan.warnings],
            "steps": Items(lambda: (_step(step, native) for step in plan.steps)),
        },
        "done": Items(lambda: _results(done, native)),
        "refused": Items(lambda: (_refused(one, native) for one in plan.refused)),
        "failed": Items(lambda: _results(failed, native)),
        "skipped": Items(lambda: _results(skipped, native)),
        "bytes": 0 if result is None else result.bytes,
    }


def _warned(warned: Warned, native: Native) -> dict[str, Any]:
    return {
        "code": warned.code,
        "message": sentence(warned.message),
        **exact_list("paths", [native(path) for path in warned.paths]),
    }


def _step(step: PlanStep, native: Native) -> str:
    seen = step.seen
    return object_of(
        number("number", step.number),
        member("path", native(step.path)),
        member("act", step.act.value),
        member("why", step.why.value),
        member("type", TYPE_NAMES[seen.kind]),
        number("size", None if seen.kind == DIR else seen.size),
        number("mtime", seen.mtime_ns / NANO),
        member("mark", step.mark),
        member("confidence", step.confidence),
        member("group", step.group),
        member("evidence", sentence(step.evidence)),
    )


def _refused(one: Refused, native: Native) -> str:
    return object_of(member("path", native(one.path)), member("code", one.code), member("reason", sentence(one.reason)))


def _results(results: Iterable[StepResult], native: Native) -> Iterator[str]:
    for one in results:
        reason = member("reason", sentence(one.reason)) if one.reason else ""
        yield object_of(member("path", native(one.path)), member("did", one.did.value), reason)
