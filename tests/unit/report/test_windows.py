"""A Windows instance in every format: paths in its native form, safe, and told apart."""

from __future__ import annotations

import csv
import io
import json
import re
from array import array
from dataclasses import replace

from tests.unit.report.examples import instance, rendered
from tui.agent.records import AgentProcess, AgentVersion, Instance, Pointer
from tui.disk.inventory import DIR, FILE, NO_ROW, Inventory
from tui.forensics.examination import Examination
from tui.forensics.marks import Evidence, Finding, Severity

ROOT_DIR = "/C:/ProgramData/Amazon/CodeDeploy"
SOURCE = "C:/ProgramData/Amazon/CodeDeploy/deployment-instructions/x-cleanup:3"


def windows() -> Instance:
    of = instance()
    target = ROOT_DIR + "/x/d-1"
    group = replace(of.groups[0], path=ROOT_DIR + "/x", last_successful=Pointer(ROOT_DIR + "/p", target, "d-1", True))
    config = replace(of.config, path=ROOT_DIR + "/conf.yml", root_dir=ROOT_DIR)
    layout = replace(of.layout, platform="windows", root_dir=ROOT_DIR)
    version = AgentVersion("1.8.1", ROOT_DIR + "/.version")
    return replace(of, config=config, layout=layout, groups=(group,), version=version, ongoing=(), label="C")


def example() -> Examination:
    inventory = Inventory()
    top = inventory.append(NO_ROW, "/C:/Program Files/App", DIR)
    for name in ("=a\u202e.txt", "plain.txt"):
        inventory.append(top, name, FILE, size=3, mtime_ns=10**9)
    inventory.close(top)
    finding = Finding("x", Severity.WARNING, r"C:\temp is odd", "d", "a", None, ("/C:/temp/a.txt", "/D:"), 2, SOURCE)
    return Examination(
        windows(), inventory, bytearray(3), bytearray(3), bytearray(3), bytearray(3), array("i", [-1] * 3),
        array("i", [-1] * 3), [], lambda row: (Evidence("cleanup-file", r"C:\temp lists it", SOURCE),),
        lambda row: None, (finding,),
    )  # fmt: skip


def test_json_has_native_paths_and_no_other() -> None:
    text = rendered(example(), "json", paths=True).decode()
    found = json.loads(text)
    assert [path["path"] for path in found["paths"]] == [
        "C:\\Program Files\\App", "C:\\Program Files\\App\\=a\u202e.txt", "C:\\Program Files\\App\\plain.txt",
    ]  # fmt: skip
    assert found["agent"]["root_dir"] == "C:\\ProgramData\\Amazon\\CodeDeploy"
    assert found["agent"]["config"].endswith("CodeDeploy\\conf.yml") and "\\." in found["agent"]["version_source"]
    assert found["groups"][0]["last_successful"]["target"] == "C:\\ProgramData\\Amazon\\CodeDeploy\\x\\d-1"
    assert found["findings"][0]["paths"] == ["C:\\temp\\a.txt", "D:\\"]
    assert found["findings"][0]["source"] == found["paths"][1]["evidence"][0]["source"] == SOURCE
    assert not re.search(r'"/[A-Z]:', text)


def test_json_lines_are_the_same_objects() -> None:
    lines = [json.loads(line) for line in rendered(example(), "jsonl").splitlines()]
    assert lines == json.loads(rendered(example(), "json", paths=True))["paths"]


def test_csv_cells_have_single_backslashes_and_other_escapes() -> None:
    rows = list(csv.reader(io.StringIO(rendered(example(), "csv").decode(), newline="")))
    assert [row[0] for row in rows[1:]] == [
        "C:\\Program Files\\App", "C:\\Program Files\\App\\=a<U+202E>.txt", "C:\\Program Files\\App\\plain.txt",
    ]  # fmt: skip
    assert rows[1][-1] == f"cleanup-file: C:\\temp lists it ({SOURCE})"
    of = replace(windows(), groups=(replace(windows().groups[0], id="=cmd"),))
    formula = replace(example(), instance=of, group=array("i", [0, 0, 0]))
    assert list(csv.reader(io.StringIO(rendered(formula, "csv").decode(), newline="")))[1][5] == "<U+003D>cmd"


def test_a_table_shows_them_too() -> None:
    text = rendered(example(), "table", paths=True, width=160).decode()
    assert "root_dir C:\\ProgramData\\Amazon\\CodeDeploy, config C:\\ProgramData\\Amazon\\CodeDeploy\\conf.yml" in text
    assert "  C:\\temp\\a.txt" in text and "C:\\temp is odd" in text and "App\\=a<U+202E>.txt" in text
    assert not re.search(r"/[A-Z]:|\\\\", text)


def test_an_unknown_version_and_several_agents_are_said() -> None:
    agents = (AgentProcess(1, "a", None, None), AgentProcess(2, "a", None, None))
    of = replace(windows(), version=AgentVersion(None, None, 2), processes=agents)
    first = rendered(replace(example(), instance=of), "table", width=160).decode().splitlines()[0]
    assert "agent version unknown: version 2's rules, 2 agents at once (pids 1, 2)" in first
