"""The JSON forms of a preview against the contract, and against the verdicts that they tell of."""

from __future__ import annotations

import base64
import csv
import io
import json
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.report.examples import BAD, SHOP, instance
from tests.unit.report.preview_examples import (
    BOMB,
    RED,
    behaviors,
    chain,
    failing,
    rendered,
    single,
    succeeding,
    verdicts,
)
from tui.paths import from_bytes, to_bytes
from tui.preview.records import Action, CleanupLine, Effects, Ending, Preview, Remaining, Stays, Verdict
from tui.report.output import Screen
from tui.report.preview_output import write_preview

CONTRACT = {
    "schema", "group", "revision", "file_exists_behavior", "outcome", "failure", "collisions", "cleanup", "removed",
    "added", "changed", "attributes", "lost", "possibly",
}  # fmt: skip
LISTS = ("removed", "added", "changed", "attributes")


def document(preview: Preview) -> Any:
    return json.loads(rendered(preview, "json"))


def exact(found: Any, name: str) -> list[str]:
    """A list's paths, with the bytes that its neighbour has."""
    coded = found.get(name + "_b64") or [None] * len(found[name])
    assert len(coded) == len(found[name])
    return [text if code is None else from_bytes(base64.b64decode(code)) for text, code in zip(found[name], coded)]


@pytest.mark.parametrize("preview", [single(), behaviors(), chain()], ids=["single", "behaviors", "chain"])
def test_every_member_of_the_contract_is_there(preview: Preview) -> None:
    whole = document(preview)
    assert set(whole) >= CONTRACT
    assert whole["schema"] == "codedeploy-forensics/preview/1"
    below = [*whole.get("steps", ()), *whole.get("behaviors", {}).values()]
    assert all(set(verdict) >= CONTRACT - {"schema"} for verdict in below)
    for verdict in (whole, *below):
        assert verdict["outcome"] in ("succeeds", "fails")
        assert verdict["failure"] is None or set(verdict["failure"]) >= {"step", "message", "path"}
        assert all(set(line) >= {"path", "action"} for line in verdict["cleanup"])
        assert all(set(item) >= {"path", "reason"} for item in verdict["lost"])
        assert set(verdict["possibly"]) >= set(LISTS)
        for name in (*LISTS, "collisions"):
            assert all(isinstance(path, str) for path in verdict[name])


def test_paths_that_are_not_utf_8_are_exact_beside_the_text() -> None:
    whole, verdict = document(single()), failing()
    assert exact(whole, "changed") == list(verdict.effects.changed)
    assert exact(whole["possibly"], "removed") == list(verdict.possibly.removed)
    assert exact(whole, "collisions") == [f"/srv/shop/{BAD}", "/etc/=1+1"]
    assert base64.b64decode(whole["failure"]["path_b64"]) == to_bytes(f"/srv/shop/{BAD}")
    assert whole["failure"]["message"].endswith("/srv/shop/bad\ufffd")
    assert base64.b64decode(whole["cleanup"][1]["real_b64"]) == to_bytes(f"/mnt/{BAD}")
    assert not any(name in whole for name in ("removed_b64", "added_b64"))


def test_a_chain_tells_the_net_of_all_steps_and_how_the_last_one_ends() -> None:
    whole = document(chain())
    assert [step["outcome"] for step in whole["steps"]] == ["fails", "fails", "succeeds"]
    assert [step["ending"] for step in whole["steps"]] == [None, "fails in a script", None]
    assert (whole["outcome"], whole["failure"], whole["collisions"]) == ("succeeds", None, [])
    assert exact(whole, "removed") == list(chain().total.removed)
    assert [item["path"] for item in whole["lost"]] == [BOMB]
    assert whole["possibly"]["removed"] == ["/opt/plain"]


def test_each_behavior_has_its_verdict() -> None:
    whole = document(behaviors())
    assert {name: verdict["outcome"] for name, verdict in whole["behaviors"].items()} == {
        "DISALLOW": "fails", "OVERWRITE": "fails", "RETAIN": "succeeds",
    }  # fmt: skip
    assert whole["behaviors"]["DISALLOW"] == {name: whole[name] for name in whole["behaviors"]["DISALLOW"]}


def lines(preview: Preview) -> list[Any]:
    return [json.loads(line) for line in rendered(preview, "jsonl").splitlines()]


@pytest.mark.parametrize("preview", [single(), behaviors(), chain()], ids=["single", "behaviors", "chain"])
def test_a_line_is_one_path_and_one_effect(preview: Preview) -> None:
    found = lines(preview)
    assert len(found) == sum(map(rows, verdicts(preview)))
    for item in found:
        assert next(iter(item)) == "path" and {"effect", "step", "group", "file_exists_behavior"} <= set(item)
        assert None not in list(item.values())[1:]
    told = list(csv.DictReader(io.StringIO(rendered(preview, "csv").decode(), newline="")))
    assert [(row["effect"], row["step"]) for row in told] == [(item["effect"], str(item["step"])) for item in found]


def rows(verdict: Verdict) -> int:
    wrong = verdict.outcome == "fails"
    lists = (verdict.collisions, verdict.lost, verdict.effects, verdict.possibly, verdict.remains)
    return wrong + sum(map(len, lists))


def test_lines_have_what_concerns_their_effect() -> None:
    by_effect: dict[str, list[Any]] = {}
    for item in lines(single()):
        by_effect.setdefault(item["effect"], []).append(item)
    assert list(by_effect) == [
        "fails", "in-the-way", "lost", "removed", "added", "changed", "attributes", "possibly-removed",
        "possibly-added", "possibly-changed", "possibly-attributes", "remains",
    ]  # fmt: skip
    first, second, third = by_effect["in-the-way"]
    assert (first["mark"], first["confidence"], first["path_deployment"]) == ("orphaned", "likely", "d-OLD00QRS4")
    assert (second["real"], third["path"], third["remedy"]) == ("/srv/really\n", None, "make the account")
    assert [(item["size"], item["sure"]) for item in by_effect["lost"]] == [(2150, True), (3 << 20, False)]
    assert by_effect["removed"][0] == {
        "path": RED, "effect": "removed", "step": 1, "group": SHOP, "file_exists_behavior": "DISALLOW",
    }  # fmt: skip
    assert by_effect["changed"][0]["gid"] == [0, 50]
    (attributes,) = by_effect["attributes"]
    assert (attributes["mode"], attributes["uid"]) == (["0644", "4755"], [0, 1000])
    assert by_effect["remains"][2]["reason"] == "another group's: =cmd|' /C calc'!A0"


def test_an_end_that_was_asked_for_is_a_failure_without_a_path() -> None:
    told = replace(succeeding(), ending=Ending.IN_INSTALL)
    first = lines(Preview((told,), told.effects))[0]
    assert (first["path"], first["effect"], first["reason"]) == (None, "fails", "it is told to fail in Install")


@pytest.mark.parametrize("count", [0, 1, 2, 499, 500, 501, 1000, 1001])
def test_lists_of_any_length_are_json(count: int) -> None:
    paths = [f"/srv/{number}" for number in range(count)]
    remains = [Remaining(path, Stays.NOT_LISTED) for path in paths]
    verdict = replace(succeeding(), effects=Effects(paths), remains=remains)
    whole = document(Preview((verdict,), verdict.effects))
    assert whole["removed"] == [item["path"] for item in whole["remains"]] == paths


class Nowhere(io.RawIOBase):
    def write(self, data: Any) -> int:
        return len(data)


@pytest.mark.parametrize("format_name", ["json", "jsonl", "csv", "table"])
def test_long_lists_are_written_as_they_are_made(format_name: str) -> None:
    """Ten times the paths need no more memory: no text of theirs is kept."""

    def peak(count: int) -> int:
        paths = [f"/srv/shop/{number:06}" for number in range(count)]
        cleanup = [CleanupLine(path, Action.REMOVED, line) for line, path in enumerate(paths, 1)]
        remains = [Remaining(path, Stays.NOT_LISTED) for path in paths]
        verdict = replace(succeeding(), cleanup=cleanup, effects=Effects(paths), remains=remains)
        of, screen = instance(), Screen(100, False, "utf-8")
        preview = Preview((verdict,), verdict.effects)
        tracemalloc.start()
        try:
            write_preview(preview, of, format_name, Nowhere(), screen, True)  # type: ignore[arg-type]
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)
    assert peak(20_000) < peak(2_000) + 100_000
