"""A cleanup, an undo and the journal in every format, with hostile names and every kind of row."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from tests.unit.report.examples import BAD, SHOP, instance
from tui.cleanup.records import Act, Did, Entry, Plan, PlanStep, Refused, Result, Seen, State, StepResult, Warned, Why
from tui.cleanup.session import CleanProgress
from tui.disk.inventory import DIR, FILE, LINK
from tui.report.clean_output import write_clean
from tui.report.clean_progress import CleanLine
from tui.report.clean_rows import Cleaned
from tui.report.journal_report import Listed, write_journal, write_purged
from tui.report.output import Screen
from tui.report.undo_report import Undone, write_undone

ODD = "/srv/shop/a\x1b[31m\u202e[red]\n.txt"
NOT_UTF8 = f"/srv/shop/{BAD}"
KEY = "20260131-142530-0a1b2c"
PLAIN = Screen(100, False, "utf-8")


def seen(kind: int, size: int = 0, inode: int = 1) -> Seen:
    return Seen(kind, 1, inode, 0o644, 0, 0, size, 1_764_000_000_500_000_000, 5, 1, "t" if kind == LINK else None)


def plan(**more: Any) -> Plan:
    steps = (
        PlanStep(
            1, ODD, Act.QUARANTINE, Why.RESIDUE, seen(FILE, 2150), "script-created", "certain", f"names {ODD}", SHOP
        ),
        PlanStep(2, NOT_UTF8, Act.DELETE, Why.MARK, seen(LINK, 1, 2), "orphaned", "likely", "left", BAD),
        PlanStep(3, "/opt/x-cleanup", Act.RESTORE, Why.RECORDS, seen(FILE, 10, 3), evidence="left", content=b"new"),
        PlanStep(4, "/srv/shop", Act.QUARANTINE, Why.RESIDUE, seen(DIR, 4096, 4), "orphaned", "possible", ""),
    )
    warnings = (
        Warned("held-open", f"1 path held open: by x\x1b (9) of {BAD}", (ODD,)),
        Warned("watched-directory", "many", tuple(f"/srv/shop/{n}" for n in range(7))),
        Warned("not-this-machine", "it is not", ()),
    )
    refused = (Refused("/etc", "protected", "it is a system directory"), Refused(NOT_UTF8 + "x", "absent", "gone\x07"))
    made = Plan("/mnt/\x1b", "directory", "ip\x1b-1", 1.5, "1.2", steps, warnings, refused, f"residue of {BAD}")
    return made if not more else Plan(**{**vars(made), **more})


def result(*did: Did) -> Result:
    reasons = {
        Did.FAILED: "in use by the system",
        Did.SKIPPED: f"changed\x1b {BAD}",
        Did.CONFLICT: "something stands there",
    }
    steps = plan().steps
    return Result(
        KEY, State.PARTLY, tuple(StepResult(s.number, s.path, d, reasons.get(d, "")) for s, d in zip(steps, did)), 2150
    )


ALL = result(Did.MOVED, Did.DELETED, Did.FAILED, Did.SKIPPED)


def written(format_name: str, cleaned: Cleaned, screen: Screen = PLAIN, only_result: bool = False) -> str:
    stream = io.BytesIO()
    write_clean(cleaned, instance(), format_name, stream, screen, only_result)
    return stream.getvalue().decode()


def cleaned(**more: Any) -> Cleaned:
    return Cleaned(plan(), "/mnt/\x1b", ("a note \x1b",), **more)


def safe(text: str) -> bool:
    return not any((ord(character) < 32 and character not in "\r\n") or character == "\u202e" for character in text)


def test_the_document_has_what_the_contract_says() -> None:
    document = json.loads(written("json", cleaned(result=ALL, forced=("f",), in_progress="d\x1b")))
    assert {"schema", "id", "plan", "done", "refused", "failed", "skipped", "bytes"} <= set(document)
    assert (document["schema"], document["id"], document["state"]) == ("codedeploy-forensics/clean/1", KEY, "partly")
    assert [one["did"] for one in document["done"]] == ["moved", "deleted"] and document["bytes"] == 2150
    assert document["failed"] == [{"path": "/opt/x-cleanup", "did": "failed", "reason": "in use by the system"}]
    assert [one["path"] for one in document["skipped"]] == ["/srv/shop"]
    assert document["refused"][1]["path_b64"] and document["refused"][0]["code"] == "protected"
    steps = document["plan"]["steps"]
    assert [step["act"] for step in steps] == ["quarantine", "delete", "restore", "quarantine"]
    assert steps[0]["path"] == ODD and "path_b64" in steps[1] and steps[3]["size"] is None
    assert (steps[0]["mtime"], document["plan"]["bytes"], document["plan"]["freed"]) == (1764000000.5, 2160, 2150)
    assert document["plan"]["warnings"][1]["paths"][-1] == "/srv/shop/6"
    assert written("json", cleaned()).isascii()


def test_every_row_is_one_of_jsonl_and_csv() -> None:
    objects = [json.loads(line) for line in written("jsonl", cleaned(result=ALL)).splitlines()]
    rows = list(csv.DictReader(io.StringIO(written("csv", cleaned(result=ALL)))))
    kinds = [*["warning"] * 9, "refused", "refused", "moved", "deleted", "failed", "skipped"]
    assert [one["result"] for one in objects] == [row["result"] for row in rows] == kinds
    assert objects[8]["path"] is None and objects[8]["code"] == "not-this-machine"
    assert "reason" not in objects[11] and objects[13]["reason"] == "in use by the system"
    assert [one.get("number") for one in objects[11:]] == [1, 2, 3, 4]
    assert [json.loads(line)["result"] for line in written("jsonl", cleaned()).splitlines()][-1] == "planned"
    assert safe(written("csv", cleaned(result=ALL)))


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_table_shows_all_of_the_plan_and_no_raw_character(width: int) -> None:
    text = written("table", cleaned(in_progress="d-1 runs", forced=("f\x1b",)), Screen(width, False, "utf-8"))
    shown = "/srv/shop/a\\e[31m\\u202e[red]\\n.txt"
    order = ["a note \\e", "d-1 runs", "Warnings (3)", "Refused (2)", "Steps (4)", shown, "/srv/shop/", "4 paths"]
    places = [text.rindex(part) if part == "/srv/shop/" else text.index(part) for part in order if part != shown]
    assert places == sorted(places) and shown in text
    assert "DELETE /srv/shop/bad\\xff" in text and "put right /opt/x-cleanup" in text
    assert "and 4 more" in text and "--execute carries" in " ".join(text.split())
    assert safe(text) and "\x1b" not in text
    assert "\x1b[" in written("table", cleaned(), Screen(width, True, "utf-8"))


def test_a_table_of_a_result_names_what_was_not_done() -> None:
    text = written("table", cleaned(result=ALL, undo=f"codedeploy-forensics undo {KEY}", seconds=1.25), PLAIN, True)
    assert "Steps (" not in text
    assert f"Cleanup {KEY}: partly, not all is done" in text and "2 of 4 paths, 2.1 KiB, in 1.2 s" in text
    assert "1 path moved to quarantine" in text and "1 path deleted for good" in text
    assert "Not done (2)" in text and "failed: in use by the system" in text and "changed\\e bad\\xff" in text
    assert text.endswith(f"Put it back with: codedeploy-forensics undo {KEY}\n")
    done = written("table", cleaned(result=result(*[Did.MOVED] * 4)), PLAIN, True)
    assert f"Cleanup {KEY}: done" in done and "Not done" not in done


def test_nothing_to_do_is_said() -> None:
    text = written("table", Cleaned(plan(steps=(), warnings=(), refused=()), "x"))
    assert "Steps: none" in text and "--execute" not in text


@pytest.mark.parametrize("windows", [False, True])
def test_an_undo_in_every_format(windows: bool) -> None:
    undone = Undone("undo", "/mnt/\x1b", result(Did.PUT_BACK, Did.CONFLICT, Did.FAILED, Did.PUT_BACK), 2.0)
    found = {}
    for format_name in ("json", "jsonl", "csv", "table"):
        stream = io.BytesIO()
        write_undone(undone, windows, format_name, stream, PLAIN)
        found[format_name] = stream.getvalue().decode()
    document = json.loads(found["json"])
    assert (document["id"], document["state"], document["dry_run"]) == (KEY, "partly", False)
    assert [len(document[name]) for name in ("put_back", "conflicts", "failed", "skipped", "pending")] == [
        2,
        1,
        1,
        0,
        0,
    ]
    assert len(found["jsonl"].splitlines()) == 4 and len(list(csv.reader(io.StringIO(found["csv"])))) == 5
    assert (
        "2 paths put back" in found["table"]
        and "Not done (2)" in found["table"]
        and "something stands" in found["table"]
    )
    assert safe(found["table"]) and safe(found["csv"])


def test_a_journal_with_hostile_words() -> None:
    entry = Entry(
        KEY, State.DONE, 0.0, None, f"root {BAD}", "h\x1b", "1", "=cmd\n", "ab", f"residue of {BAD}", 3, 2, 5,
        (NOT_UTF8,),
    )  # fmt: skip
    found = {}
    for format_name in ("json", "jsonl", "csv", "table"):
        stream = io.BytesIO()
        write_journal(Listed("/state\x1b", [entry], None, [KEY]), False, format_name, stream, PLAIN)
        found[format_name] = stream.getvalue().decode()
    (one,) = json.loads(found["json"])["cleanups"]
    assert one["quarantine_b64"][0] and one["ended"] is None and one["reason"] == "=cmd\n"
    assert "\\x3dcmd\\n" in found["csv"] and safe(found["csv"])
    assert "1970-01-01 00:00:00Z, root bad" in found["table"] and "h\\e" in found["table"] and safe(found["table"])


def test_what_a_purge_freed() -> None:
    stream = io.BytesIO()
    write_purged("x", [KEY], [("other", f"why {BAD}")], 7, stream)
    document = json.loads(stream.getvalue())
    assert (document["purged"], document["bytes"], document["left"][0]["id"]) == ([KEY], 7, "other")


class Terminal(io.StringIO):
    """Keeps what is drawn."""


def test_progress_tells_how_fast_and_how_long_still() -> None:
    stream, now = Terminal(), [100.0]
    line = CleanLine(stream, lambda: now[0])
    line.show(CleanProgress("moving", 0, 5000, 0, "/srv/\x1b"))
    now[0] += 2
    line.show(CleanProgress("moving", 1000, 5000, 3 << 20, "/srv/\x1b"))
    drawn = stream.getvalue().split("\r")
    assert drawn[1].rstrip() == "moving: 0 of 5,000, 0 B"
    assert drawn[2].rstrip() == "moving: 1,000 of 5,000, 3.0 MiB, 500/s, 8 s left"
    now[0] += 98
    line.show(CleanProgress("moving", 1001, 500_000, 0, ""))
    assert stream.getvalue().split("\r")[-1].rstrip().endswith("10/s, 13 h 50 min left")
    line.clear()
    assert stream.getvalue().endswith("\r") and "\x1b" not in stream.getvalue()
