"""The install plan: every entry kept, however large, cut off or garbled the file is."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.agent.install_json import read_install_plan
from tui.agent.plan_source import plan_deployments
from tui.agent.records import CHMOD, CHOWN, COPY, MKDIR, SEMANAGE, InstallPlan
from tui.paths import to_bytes

from .conftest import Disk

ARCHIVE = "/opt/codedeploy-agent/deployment-root/7c1e5b1a/d-GU1DE0001/deployment-archive"
# What the agent wrote for the example of the AWS guide, with permissions added.
REAL = (
    '{"instructions":[{"type":"mkdir","directory":"/srv/temp"},'
    f'{{"type":"copy","source":"{ARCHIVE}/a.txt","destination":"/srv/temp/a.txt"}},'
    f'{{"type":"copy","source":"{ARCHIVE}/b.txt","destination":"/srv/temp/b.txt"}},'
    '{"type":"chmod","mode":"640","file":"/srv/temp/b.txt"},'
    '{"type":"chown","owner":"daemon","group":null,"file":"/srv/temp/b.txt"},'
    '{"type":"semanage","context":{"user":null,"role":null,"type":"httpd_sys_content_t","range":"s0"},'
    '"file":"/srv/temp/a.txt"}]}'
)


def read(disk: Disk, data: bytes) -> InstallPlan:
    plan = read_install_plan(disk.root, disk.write("/g-install.json", data))
    assert plan is not None
    assert len(plan.kinds) == len(plan.paths) == len(plan.rule)
    return plan


def dumped(entries: list[Any], **how: Any) -> bytes:
    return json.dumps({"instructions": entries}, **how).encode("utf-8", "surrogatepass")


def copies(pairs: list[tuple[str, str]]) -> list[Any]:
    return [{"type": "copy", "source": source, "destination": path} for source, path in pairs]


def codes(plan: InstallPlan) -> list[str]:
    assert plan.complete == (not plan.problems)
    return [problem.code for problem in plan.problems]


def test_a_plan_as_the_agent_writes_it(disk: Disk) -> None:
    plan = read(disk, REAL.encode())
    assert list(plan.kinds) == [MKDIR, COPY, COPY, CHMOD, CHOWN, SEMANAGE]
    assert plan.paths[1:4] == ["/srv/temp/a.txt", "/srv/temp/b.txt", "/srv/temp/b.txt"]
    assert [plan.source(i) for i in range(3)] == [None, f"{ARCHIVE}/a.txt", f"{ARCHIVE}/b.txt"]
    assert plan.rules == [(ARCHIVE, "/srv/temp")]
    assert plan.details[3] == {"type": "chmod", "mode": "640", "file": "/srv/temp/b.txt"}
    assert plan.details[4]["group"] is None
    assert plan.details[5]["context"]["type"] == "httpd_sys_content_t"
    assert (codes(plan), plan.size) == ([], len(REAL))
    assert plan_deployments(plan) == ("d-GU1DE0001",)


def test_the_pretty_printed_form_reads_the_same(disk: Disk) -> None:
    plain = read(disk, REAL.encode())
    pretty = read(disk, json.dumps(json.loads(REAL), indent=2).encode())
    assert (pretty.paths, pretty.kinds, pretty.rules, pretty.problems) == (plain.paths, plain.kinds, plain.rules, ())


NAMES = st.text(st.sampled_from('ab/.é\u2028😀\n\\"'), min_size=1, max_size=12)
PATHS = st.tuples(st.sampled_from(["/srv", "/srv/app", ARCHIVE, "", "/"]), NAMES).map("/".join)


@given(pairs=st.lists(st.tuples(PATHS, PATHS), max_size=30))
def test_every_source_comes_back_as_it_was(scratch: Disk, pairs: list[tuple[str, str]]) -> None:
    pairs += [(f"{source}/{i}", f"{path}/{i}") for i, (source, path) in enumerate(pairs)]
    plan = read(scratch, dumped(copies(pairs), ensure_ascii=False))
    assert [(plan.source(i), plan.paths[i]) for i in range(len(plan))] == pairs
    assert codes(plan) == []


def test_one_rule_serves_a_whole_directory(disk: Disk) -> None:
    pairs = [(f"{ARCHIVE}/content/d{i % 9}/f{i}", f"/srv/app/d{i % 9}/f{i}") for i in range(500)]
    pairs.insert(250, (f"{ARCHIVE}/single.conf", "/etc/app/single.conf"))
    plan = read(disk, dumped(copies(pairs)))
    assert plan.rules == [(f"{ARCHIVE}/content", "/srv/app"), (ARCHIVE, "/etc/app")]


def test_more_rules_than_two_bytes_number(disk: Disk) -> None:
    pairs = [(f"/a/{i}", f"/b/{i + 1}") for i in range(66_000)]
    plan = read(disk, dumped(copies(pairs)))
    assert plan.rule.typecode == "I"
    assert [(plan.source(i), plan.paths[i]) for i in (0, 65_535, 65_536, 65_999)] == [
        pairs[i] for i in (0, 65_535, 65_536, 65_999)
    ]


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_entries_that_cross_what_is_read_at_once(disk: Disk, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr("tui.agent.json_stream._CHUNK", chunk)
    pairs = [(f"{ARCHIVE}/é{i}😀", f"/srv/é{i}😀") for i in range(20)]
    data = json.dumps({"version": 12345, "instructions": copies(pairs)}, ensure_ascii=False)
    plan = read(disk, data.encode())
    assert [(plan.source(i), plan.paths[i]) for i in range(len(plan))] == pairs
    assert codes(plan) == []


def test_what_is_cut_off_gives_all_before_the_cut(disk: Disk) -> None:
    ends, at = [], REAL.index("[") + 1
    while REAL[at - 1] != "]":
        ends.append(json.JSONDecoder().raw_decode(REAL, at)[1])
        at = ends[-1] + 1
    for cut in range(1, len(REAL)):
        plan = read(disk, REAL[:cut].encode())
        assert codes(plan) == ["plan-incomplete"], cut
        assert len(plan) == sum(end <= cut for end in ends), cut


def test_an_empty_file_says_why(disk: Disk) -> None:
    plan = read(disk, b"")
    assert (codes(plan), len(plan)) == (["plan-incomplete"], 0)
    assert "empty" in plan.problems[0].message


@pytest.mark.parametrize(
    ("data", "code", "count"),
    [
        (b"null", "plan-incomplete", 0),
        (b"[]", "plan-incomplete", 0),
        (b"{}", "plan-incomplete", 0),
        (b'{"instructions":{}}', "plan-incomplete", 0),
        (b'{"instructions":[]} x', "plan-incomplete", 0),
        (b'{"instructions":[1,null,"x",[],{}]}', "plan-odd-entry", 0),
        (b'{"instructions":[{"type":"rm","file":"/x"},{"type":"mkdir","directory":"/a"}]}', "plan-odd-entry", 1),
        (b'{"instructions":[{"type":"copy","source":1,"destination":"/a"},{"type":[]}]}', "plan-odd-entry", 0),
        (b'{"instructions":[{"type":"mkdir","directory":"/a"}],"instructions":[]}', "plan-repeated-key", 0),
        (b'{"instructions":' + b"[" * 200_000, "plan-incomplete", 0),
        (b'{"instructions":[' + b"9" * 100_000 + b"]}", "plan-incomplete", 0),
        (b"\0" * 5000, "plan-incomplete", 0),
    ],
)
def test_what_is_no_plan_is_a_problem(disk: Disk, data: bytes, code: str, count: int) -> None:
    plan = read(disk, data)
    assert (codes(plan), len(plan)) == ([code], count)


def test_other_keys_are_passed_over(disk: Disk) -> None:
    plan = read(disk, b'{"a":[{"b":1}],"instructions":[{"type":"mkdir","directory":"/a"}],"z":"x"}')
    assert (plan.paths, codes(plan)) == (["/a"], [])


def test_of_a_repeated_key_in_an_entry_the_last_counts(disk: Disk) -> None:
    assert read(disk, b'{"instructions":[{"type":"mkdir","directory":"/a","directory":"/b"}]}').paths == ["/b"]


def test_names_that_are_not_utf8(disk: Disk) -> None:
    entry = b'{"type":"mkdir","directory":"/srv/%s"}'
    raw = read(disk, b'{"instructions":[' + entry % b"caf\xe9" + b"," + entry % b"\\ud800" + b"]}")
    assert [to_bytes(path) for path in raw.paths] == [b"/srv/caf\xe9", b"/srv/\xed\xa0\x80"]


def test_a_value_too_long_to_be_one_ends_the_reading(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.agent.json_stream.MAX_VALUE", 1000)
    monkeypatch.setattr("tui.agent.json_stream._CHUNK", 100)
    plan = read(disk, b'{"instructions":[{"type":"mkdir","directory":"/a"},"' + b"x" * 100_000)
    assert (codes(plan), plan.paths) == (["plan-incomplete"], ["/a"])
    assert "too long" in plan.problems[0].message


def test_no_file_is_none_and_a_pipe_is_a_problem(disk: Disk) -> None:
    assert read_install_plan(disk.root, "/g-install.json") is None
    if hasattr(os, "mkfifo"):
        os.mkfifo(disk.path("/g-install.json"))
    else:
        disk.mkdir("/g-install.json")
    plan = read_install_plan(disk.root, "/g-install.json")
    assert plan is not None and codes(plan) == ["record-unreadable"]
