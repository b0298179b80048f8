"""The JSON document against the contract, and against the examination that it tells of."""

from __future__ import annotations

import base64
import io
import json
import os
import tracemalloc
from array import array
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.report.examples import BAD, SHOP, example, instance, rendered
from tui.disk.inventory import DIR, FILE, NO_ROW, Inventory
from tui.forensics.examination import Examination
from tui.forensics.marks import Evidence, Finding, Mark, Severity, State
from tui.paths import from_bytes, to_bytes
from tui.report import jsonl
from tui.report.sink import EncodedSink

MARKS = {"deployed", "script-created", "orphaned", "unattributed"}
STATES = {"intact", "modified", "missing", "replaced", "unverified"}
NUMBER = (int, float)


def document(examination: Examination, paths: bool = True) -> Any:
    return json.loads(rendered(examination, "json", paths))


def lines(examination: Examination) -> list[Any]:
    return [json.loads(line) for line in rendered(examination, "jsonl").splitlines()]


def decoded(item: Any, name: str = "path") -> str:
    coded = item.get(name + "_b64")
    return item[name] if coded is None else from_bytes(base64.b64decode(coded))


def test_the_document_has_the_members_of_the_contract() -> None:
    whole = document(example())
    assert whole["schema"] == "codedeploy-forensics/scan/1"
    assert list(whole) == ["schema", "source", "agent", "groups", "deployments", "summary", "findings", "paths"]
    assert set(whole["summary"]["marks"]) == MARKS
    assert set(whole["summary"]["states"]) == STATES
    for finding in whole["findings"]:
        assert {"code", "severity", "title", "detail", "advice", "paths"} <= set(finding)
        assert finding["severity"] in ("info", "warning", "critical")
        assert all(isinstance(path, str) for path in finding["paths"])


def test_paths_are_in_the_document_only_where_asked_for() -> None:
    assert "paths" not in document(example(), paths=False)
    assert document(example())["paths"] == lines(example())


def test_every_path_object_is_as_the_contract_says() -> None:
    for item in lines(example()):
        required = [
            "path",
            "type",
            "mark",
            "state",
            "confidence",
            "group",
            "deployment",
            "size",
            "mtime",
            "next",
            "evidence",
        ]
        assert [name for name in item if name != "path_b64"] == required
        assert item["type"] in ("file", "dir", "link", "other", "absent")
        assert item["mark"] in MARKS
        assert item["state"] in STATES or item["state"] is None
        assert item["confidence"] in ("certain", "likely", "possible")
        assert item["next"] in ("removed", "remains")
        assert item["size"] is None or isinstance(item["size"], int)
        assert item["mtime"] is None or isinstance(item["mtime"], NUMBER)
        for reason in item["evidence"]:
            assert [name for name in reason if name != "source_b64"] == ["kind", "detail", "source", "for"]
            assert reason["for"] is None or reason["for"] in MARKS


def test_every_row_is_told_in_its_order_with_what_the_examination_knows() -> None:
    examination = example()
    items = lines(examination)
    assert len(items) == len(examination.inventory)
    for row, item in enumerate(items):
        known = examination.row(row)
        assert decoded(item) == known.entry.path
        assert (item["type"], item["mark"]) == (known.entry.type_name, known.mark.label)
        assert (item["state"], item["confidence"]) == (known.state.label, known.confidence.label)
        assert (item["group"], item["deployment"]) == (known.group, known.deployment)
        assert (item["next"] == "removed") == known.removed_next
        assert len(item["evidence"]) == len(known.evidence)


def test_an_absent_path_has_neither_size_nor_time() -> None:
    (absent,) = [item for item in lines(example()) if item["type"] == "absent"]
    assert (absent["size"], absent["mtime"], absent["state"]) == (None, None, "missing")


def test_a_time_is_the_number_nearest_to_its_nanoseconds() -> None:
    (item,) = [item for item in lines(example()) if item["path"] == "/srv/shop/=cmd"]
    assert item["mtime"] == 1764000000.25


def test_bytes_that_are_not_utf_8_are_exact_beside_the_text() -> None:
    (item,) = [item for item in lines(example()) if "path_b64" in item]
    assert item["path"] == "/srv/shop/bad\ufffd"
    assert to_bytes(decoded(item)) == b"/srv/shop/bad\xff"
    (reason,) = item["evidence"]
    assert reason["detail"] == "d-OLD00QRS4 had bad\ufffd"
    assert decoded(reason, "source") == f"{BAD}/appspec.yml:6"


def test_a_findings_paths_are_exact_too() -> None:
    (finding,) = [finding for finding in document(example())["findings"] if "paths_b64" in finding]
    coded = finding["paths_b64"]
    assert len(coded) == len(finding["paths"])
    assert base64.b64decode(coded[0]) == b"/srv/shop/bad\xff"
    assert coded[1] is None  # exact as it stands
    assert finding["count"] == 31


def test_findings_come_worst_first() -> None:
    assert [f["severity"] for f in document(example())["findings"]] == ["critical", "warning", "info"]


@pytest.mark.skipif(os.name == "nt", reason="on Windows they are names, and exact")
def test_half_characters_of_a_record_do_no_harm() -> None:
    """YAML and JSON records can hold lone surrogates that no file name has."""
    finding = Finding("x", Severity.INFO, "t\ud800", "d\udfff", "", "g\ud800", ("/a\ud800", "/b"), 2, "s\ud800")
    whole = document(replace_findings(example(), finding))
    assert whole["findings"][0]["paths"] == ["/a\ufffd", "/b"]
    assert whole["findings"][0]["group"] == "g\ufffd"
    for format_name in ("table", "csv"):
        rendered(replace_findings(example(), finding), format_name)


def replace_findings(examination: Examination, *findings: Finding) -> Examination:
    examination.findings = findings
    return examination


def test_totals_are_the_examinations() -> None:
    examination = example()
    whole = document(examination)
    for place, counts in [
        (whole["summary"], examination.counts()),
        *((group, examination.counts(index)) for index, group in enumerate(whole["groups"])),
    ]:
        for mark in Mark:
            told = place["marks"][mark.label]
            assert (told["files"], told["bytes"], told["directories"]) == (
                counts.files[mark], counts.bytes[mark], counts.dirs[mark],
            )  # fmt: skip
        for state in State:
            if state.label in STATES:
                assert place["states"][state.label]["paths"] == counts.states[state]


def test_records_that_are_not_there_are_null() -> None:
    bare = replace(instance(), processes=None, ongoing=(), groups=instance().groups[1:])
    whole = document(replace(many(0), instance=bare))
    assert whole["agent"]["processes"] is None
    (group,) = whole["groups"]
    assert (group["cleanup"], group["install_plan"], group["most_recent"]) == (None, None, None)
    assert whole["deployments"] == []


def test_records_are_told() -> None:
    shop = document(example())["groups"][0]
    assert (shop["id"], shop["deployments"]) == (SHOP, ["d-OLD00QRS4", "d-ABC12DEF3"])
    assert (shop["last_successful"]["deployment"], shop["last_successful"]["exists"]) == ("d-ABC12DEF3", True)
    assert (shop["most_recent"]["deployment"], shop["most_recent"]["exists"]) == ("d-GONE00000", False)
    assert (shop["cleanup"]["entries"], shop["cleanup"]["cut_off"]) == (2, True)
    old, new = document(example())["deployments"]
    assert (old["archive"], old["archive_bytes"], old["bundle_bytes"]) == (False, None, None)
    assert (new["archive"], new["archive_files"], new["archive_bytes"]) == (True, 3, 2157)
    assert (new["bundle_bytes"], new["log_bytes"], new["appspec"]["error_line"]) == (10240, 512, 4)


def test_an_examination_without_a_path_is_a_document_too() -> None:
    assert document(many(0))["paths"] == []
    assert rendered(many(0), "jsonl") == b""


def many(count: int) -> Examination:
    """An examination of ``count`` files in one directory, or of nothing."""
    inventory = Inventory()
    if count:
        inventory.append(NO_ROW, "/srv/shop", DIR)
    for number in range(count):
        inventory.append(0, f"file-{number:07}", FILE, size=number)
    rows = len(inventory)
    if count:
        inventory.close(0)
    return Examination(
        instance(), inventory, bytearray(rows), bytearray(rows), bytearray(rows), bytearray(rows),
        array("i", bytes(4 * rows)), array("i", bytes(4 * rows)), ["d-ABC12DEF3"],
        evidence_of=lambda row: (Evidence("cleanup-file", f"line {row}", f"x-cleanup:{row}"),),
        source_of=lambda row: None,
    )  # fmt: skip


class Nowhere(io.RawIOBase):
    def write(self, data: Any) -> int:
        return len(data)


def test_paths_are_written_as_they_are_made() -> None:
    """Ten times the paths need no more memory: nothing of a path is kept."""

    def peak(count: int) -> int:
        examination = many(count)
        tracemalloc.start()
        try:
            jsonl.write(examination, EncodedSink(Nowhere()))  # type: ignore[arg-type]
            return tracemalloc.get_traced_memory()[1] - len(examination.inventory.name_blob)
        finally:
            tracemalloc.stop()

    assert peak(20_000) < peak(2_000) + 500_000
