"""The JSON form of a preview: the verdict of one deployment, or of each of a chain and what it all comes to.

Fields may be added; none is renamed or dropped without a new schema number. Paths of a Windows instance
are in its native form. A path that is not UTF-8 has U+FFFD in it and the exact bytes, base64, in a member
of the same name with ``_b64`` added; a list of such has a list beside it, null where an entry is exact.

The members of a chain at the top are what a single deployment has, too: outcome, failure, collisions
and cleanup are those of its last step; the lists of paths and what is lost are the net of all steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable, Optional

from tui.agent.records import Instance
from tui.preview.records import (
    Action,
    AttributeChange,
    CleanupLine,
    Collision,
    Effects,
    Ending,
    Failure,
    Lost,
    MadeBy,
    Preview,
    Remaining,
    ScriptToRun,
    Stays,
    Verdict,
)
from tui.report.preview_members import Items, Native, member, number, object_of, path_list, pieces
from tui.report.sink import Sink
from tui.report.text import exact, exact_list, sentence

SCHEMA = "codedeploy-forensics/preview/1"
_ACTIONS = {action: action.value for action in Action}
_REASONS = {why: why.value for why in Stays}


def write(preview: Preview, instance: Instance, sink: Sink) -> None:
    """Write the document: ASCII alone, a member a line, a path a line, made as they are written."""
    for piece in pieces(document(preview, instance)):
        sink.write(piece)
    sink.write("\n")


def document(preview: Preview, instance: Instance) -> dict[str, Any]:
    """The ``preview`` document, to be given to ``pieces``: its long lists are Items."""
    native = instance.native
    last = preview.verdicts[-1]
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "source": {"kind": instance.kind, **exact("label", instance.label), **exact("hostname", instance.hostname)},
    }
    if len(preview.verdicts) == 1:
        found.update(_verdict(last, native))
    else:
        found.update(
            {
                **_head(last, native),
                **_effects(preview.total, native),
                "possibly": _effects(preview.possibly, native),
                "lost": _list(preview.lost, lambda lost: _lost(lost, native)),
                "steps": [_verdict(verdict, native) for verdict in preview.verdicts],
            }
        )
    if preview.by_behavior:
        found["behaviors"] = {
            behavior.value: _verdict(verdict, native) for behavior, verdict in preview.by_behavior.items()
        }
    return found


def _head(verdict: Verdict, native: Native) -> dict[str, Any]:
    return {
        **exact("group", verdict.group),
        **exact("revision", verdict.revision),
        "file_exists_behavior": verdict.behavior.value,
        "file_exists_behavior_from": verdict.behavior_from,
        "rules": verdict.version,
        "outcome": verdict.outcome,
        "ending": None if verdict.ending is Ending.FORETOLD else verdict.ending.value,
        "failure": _failure(verdict.failure, native),
        **path_list("collisions", [one.path for one in verdict.collisions if one.path and one.there], native),
        "in_the_way": _list(verdict.collisions, lambda collision: _collision(collision, native)),
        "cleanup": _list(verdict.cleanup, lambda line: _cleanup(line, native)),
    }


def _verdict(verdict: Verdict, native: Native) -> dict[str, Any]:
    return {
        **_head(verdict, native),
        **_effects(verdict.effects, native),
        "possibly": _effects(verdict.possibly, native),
        "lost": _list(verdict.lost, lambda lost: _lost(lost, native)),
        "remains": _list(verdict.remains, lambda left: _remaining(left, native)),
        **path_list("overwritten", verdict.overwritten, native),
        **path_list("retained", verdict.retained, native),
        "written_through": _list(
            verdict.written_through,
            lambda pair: object_of(_path("path", pair[0], native), _path("real", pair[1], native)),
        ),
        "attribute_changes": _list(verdict.attributes, lambda change: _attributes(change, native)),
        "scripts": _list(verdict.scripts, lambda script: _script(script, native)),
        **exact_list("pruned", verdict.pruned),
        "notes": [sentence(note) for note in verdict.notes],
        "guide": [sentence(note) for note in verdict.guide],
        "instructions": verdict.instructions,
    }


def _list(records: Sequence[Any], text: Callable[[Any], str]) -> Items:
    return Items(lambda: map(text, records))


def _path(name: str, path: Optional[str], native: Native) -> str:
    return member(name, None if path is None else native(path))


def _failure(failure: Optional[Failure], native: Native) -> Optional[dict[str, Any]]:
    if failure is None:
        return None
    return {
        "step": failure.phase.value,
        **exact("message", failure.message),
        **exact("path", native(failure.path) if failure.path else None),
        "sure": failure.sure,
    }


def _effects(effects: Effects, native: Native) -> dict[str, Items]:
    return {
        **path_list("removed", effects.removed, native),
        **path_list("added", effects.added, native),
        **path_list("changed", effects.changed, native),
        **path_list("attributes", effects.attributes, native),
    }


def _cleanup(line: CleanupLine, native: Native) -> str:
    path, action, number_of_line, real, detail = line
    more = "" if real is None else ", " + _path("real", real, native)
    more += ", " + member("detail", detail) if detail else ""
    return f'{{{_path("path", path, native)}, "action": "{_ACTIONS[action]}", "line": {number_of_line}{more}}}'


def _collision(collision: Collision, native: Native) -> str:
    return object_of(
        _path("path", collision.path or None, native),
        _path("real", collision.real, native),
        f'"step": "{collision.phase.value}"',
        member("message", collision.message),
        f'"made_by": {_made_by(collision.made_by)}',
        member("remedy", collision.remedy),
    )


def _made_by(made_by: Optional[MadeBy]) -> str:
    if made_by is None:
        return "null"
    return object_of(
        f'"mark": "{made_by.mark.label}"',
        f'"confidence": "{made_by.confidence.label}"',
        member("group", made_by.group),
        member("deployment", made_by.deployment),
        member("why", sentence(made_by.why)),
        member("source", made_by.source),
    )


def _lost(lost: Lost, native: Native) -> str:
    return object_of(
        _path("path", lost.path, native),
        member("reason", sentence(lost.reason)),
        number("size", lost.size),
        number("sure", lost.sure),
        f'"made_by": {_made_by(lost.made_by)}',
    )


def _remaining(left: Remaining, native: Native) -> str:
    path, why, detail = left
    more = ", " + member("detail", detail) if detail else ""
    return f'{{{_path("path", path, native)}, "reason": "{_REASONS[why]}"{more}}}'


def _attributes(change: AttributeChange, native: Native) -> str:
    return object_of(
        _path("path", change.path, native),
        '"mode": null' if change.mode is None else '"mode": ["{:04o}", "{:04o}"]'.format(*change.mode),
        _pair("uid", change.uid),
        _pair("gid", change.gid),
        _path("through", change.through, native),
    )


def _pair(name: str, numbers: Optional[tuple[int, int]]) -> str:
    return f'"{name}": null' if numbers is None else f'"{name}": [{numbers[0]}, {numbers[1]}]'


def _script(script: ScriptToRun, native: Native) -> str:
    return object_of(
        member("event", script.event),
        member("location", script.location),
        member("revision", script.revision),
        _path("path", script.path, native),
        number("exists", script.exists),
        number("executable", script.executable),
        member("runas", script.runas),
        member("note", sentence(script.note)),
    )
