from __future__ import annotations

import base64
import json
from typing import Any, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import examples
from tui.cleanup.export_json import plan_hash, to_json
from tui.cleanup.read_plan import BadPlan, read_plan
from tui.cleanup.records import Act, Plan, PlanStep, Refused, Seen, Warned, Why
from tui.disk.inventory import DIR, FILE, LINK
from tui.paths import from_bytes

NAMES = [b"a", b"\xff", b"caf\xc3\xa9", b"\n", b"\x1b[2J", b" ", b"-rf", b"'", b"\xed\xa0\x80", b"\xef\xbf\xbd"]
FILE_SEEN = Seen(
    FILE, 2049, 12345678901234567890, 0o4755, 0, 48, 2**62, -1, 1_700_000_000_123_456_789, 2, None, "ab" * 32
)
LINK_SEEN = Seen(LINK, 1, 2, 0o777, 0, 0, 5, 0, 0, 1, from_bytes(b"../\xff\n"))
DIR_SEEN = Seen(DIR, 1, 3, 0o2755, 0, 0, 4096, 0, 0, 4)


def plan_of(*steps: PlanStep) -> Plan:
    return Plan(
        source=from_bytes(b"/mnt/\xff"),
        source_kind="directory",
        host=None,
        made=1_764_000_000.25,
        version="1.2.3",
        steps=steps,
        warnings=(Warned("hard-links", "1 path is", [from_bytes(b"/srv/\xff")]),),
        refused=(Refused("/etc/passwd", "protected", "it is a file that the system needs"),),
        chosen_by="residue of group \udcff",
    )


def a_plan() -> Plan:
    steps = [
        PlanStep(
            n, "/srv/app/" + from_bytes(name), Act.QUARANTINE, Why.RESIDUE, FILE_SEEN, "orphaned", "likely", "told", "g"
        )
        for n, name in enumerate(NAMES, 1)
    ]
    n = len(steps)
    steps.append(PlanStep(n + 1, "/srv/app/link", Act.DELETE, Why.PATH, LINK_SEEN))
    steps.append(PlanStep(n + 2, "/srv/app", Act.QUARANTINE, Why.MARK, DIR_SEEN, group=from_bytes(b"\xfe")))
    steps.append(PlanStep(n + 3, "/opt/x-cleanup", Act.RESTORE, Why.RECORDS, FILE_SEEN, content=b"\xff\0\n"))
    return plan_of(*steps)


def as_tuples(plan: Plan) -> Plan:
    return Plan(**{**vars(plan), "warnings": tuple(w._replace(paths=tuple(w.paths)) for w in plan.warnings)})


def test_a_plan_comes_back_as_it_was() -> None:
    data = to_json(a_plan())
    assert read_plan(data) == as_tuples(a_plan())
    assert data.isascii() and b"\x1b" not in data and to_json(read_plan(data)) == data
    document = json.loads(data)
    assert document["hash"] == plan_hash(a_plan()) == plan_hash(read_plan(data))
    assert (
        document["steps"][1] | {"path": "/srv/app/\ufffd", "path_b64": base64.b64encode(b"/srv/app/\xff").decode()}
        == (document["steps"][1])
    )


def test_an_empty_plan_comes_back_too() -> None:
    empty = Plan("this machine", "machine", "h", 0.0, "1", ())
    assert read_plan(to_json(empty)) == empty


@given(st.binary(min_size=1, max_size=30).filter(lambda b: not set(b) & {0, 0x2F} and b not in (b".", b"..")))
def test_any_name_comes_back_as_it_was(name: bytes) -> None:
    step = PlanStep(
        1, "/srv/" + from_bytes(name), Act.QUARANTINE, Why.PATH, LINK_SEEN._replace(target=from_bytes(name))
    )
    assert read_plan(to_json(plan_of(step))) == as_tuples(plan_of(step))


Change = Callable[[dict[str, Any]], object]


def step_with(**more: Any) -> Change:
    return lambda document: document["steps"][0].update(more)


def seen_with(**more: Any) -> Change:
    return lambda document: document["steps"][0]["seen"].update(more)


HOSTILE: list[tuple[str, Change]] = [
    ("no schema", lambda d: d.pop("schema")),
    ("another schema", lambda d: d.update(schema="codedeploy-forensics/clean-plan/2")),
    ("steps are no list", lambda d: d.update(steps={})),
    ("a step is no object", lambda d: d["steps"].append(1)),
    ("numbers twice", lambda d: d["steps"][1].update(number=1)),
    (
        "a path twice",
        lambda d: d["steps"][1].update(path="/srv/app/a", path_b64=base64.b64encode(b"/srv/app/a").decode()),
    ),
    ("a directory first", lambda d: d["steps"][0].update(path="/srv/app")),
    ("number is text", step_with(number="1")),
    ("number is a truth", step_with(number=True)),
    ("path leaves", step_with(path="/srv/app/../../etc/passwd")),
    ("path is relative", step_with(path="srv/app")),
    ("path is the root", step_with(path="/")),
    ("path ends in a slash", step_with(path="/srv/app/a/")),
    ("path has a NUL", step_with(path="/srv/a\0b")),
    ("path is null", step_with(path=None)),
    ("path and its bytes differ", step_with(path="/srv/app/a", path_b64=base64.b64encode(b"/etc/passwd").decode())),
    ("path's bytes are none", step_with(path_b64="!")),
    ("path has half a character", step_with(path="/srv/\ud800")),
    ("path is too long", step_with(path="/" + "a" * 40_000)),
    ("an act that is none", step_with(act="explode")),
    ("an act that is a list", step_with(act=["delete"])),
    ("a reason that is none", step_with(why="fun")),
    ("content without an act for it", step_with(content_b64="")),
    ("an act without its content", step_with(act="restore")),
    ("a file that is put right", step_with(act="restore", content_b64="QQ==")),
    ("a key too many", step_with(sudo=True)),
    ("a key missing", lambda d: d["steps"][0].pop("mark")),
    ("mark is a number", step_with(mark=1)),
    ("type is none", seen_with(type="absent")),
    ("a link without a target", seen_with(type="link", digest=None)),
    ("a file with a target", seen_with(target="x")),
    ("size is negative", seen_with(size=-1)),
    ("size is huge", seen_with(size=2**63)),
    ("mode has more bits", seen_with(mode=0o100644)),
    ("inode is a fraction", seen_with(inode=1.5)),
    ("digest is none", seen_with(digest="x" * 64)),
    ("seen is a list", step_with(seen=[])),
    ("made is text", lambda d: d.update(made="now")),
    ("made is endless", lambda d: d.update(made=1e300)),
    ("source is text", lambda d: d.update(source="/")),
    ("kind is none", lambda d: d["source"].update(kind="cloud")),
    ("a warning's code is none", lambda d: d["warnings"][0].update(code="\x1b[2J")),
    ("a warning's paths are text", lambda d: d["warnings"][0].update(paths="x")),
    ("refused is null", lambda d: d.update(refused=None)),
    ("a key at the top too many", lambda d: d.update(more=1)),
]


@pytest.mark.parametrize("change", [change for _, change in HOSTILE], ids=[name for name, _ in HOSTILE])
def test_a_document_that_says_something_else_is_one_line(change: Change) -> None:
    document = json.loads(to_json(a_plan()))
    change(document)
    with pytest.raises(BadPlan) as told:
        read_plan(json.dumps(document).encode())
    line = str(told.value)
    assert "hash" not in line  # whoever changes a plan can make that fit, too
    assert "\n" not in line and line.isprintable() and len(line) < 300


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[]", b"null", b"{", b"[" * 100_000, b'{"a":' * 100_000, b'{"a":1,"a":1}', b'{"a":NaN}',
             b'{"a":' + b"9" * 10_000 + b"}", b'{"schema":1}', b"{}", b'{"made":-Infinity}',
             b'{"made":1e999}'],
    ids=range(14),
)  # fmt: skip
def test_what_is_no_plan_is_one_line(data: bytes) -> None:
    with pytest.raises(BadPlan) as told:
        read_plan(data)
    assert str(told.value).isprintable()


def test_a_plan_that_was_changed_or_cut_off_is_told() -> None:
    data = to_json(a_plan())
    with pytest.raises(BadPlan, match="hash"):
        read_plan(data.replace(b'"likely"', b'"certain"', 1))
    document = json.loads(data)
    with pytest.raises(BadPlan, match="hash"):
        read_plan(json.dumps({**document, "bytes": document["bytes"] + 1}).encode())
    with pytest.raises(BadPlan):
        read_plan(data[: len(data) // 2])


@settings(max_examples=examples(300))
@given(st.integers(0, len(to_json(a_plan())) - 1), st.integers(0, 255))
def test_no_changed_byte_is_taken_for_another_plan(place: int, byte: int) -> None:
    data = bytearray(to_json(a_plan()))
    data[place] = byte
    try:
        found = read_plan(bytes(data))
    except BadPlan:
        return
    assert found == as_tuples(a_plan())


VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=8,
)
KEYS = [
    None,
    *json.loads(to_json(a_plan()))["steps"][0],
    "seen.size",
    "seen.type",
    "seen.target",
    "steps",
    "source",
    "made",
]


@settings(max_examples=examples(300))
@given(st.sampled_from(KEYS), VALUES)
def test_any_value_in_any_place_is_read_or_told(key: Any, value: Any) -> None:
    document = json.loads(to_json(a_plan()))
    if key is None:
        document = value
    elif key in ("steps", "source", "made"):
        document[key] = value
    elif key.startswith("seen."):
        document["steps"][0]["seen"][key[5:]] = value
    else:
        document["steps"][0][key] = value
    try:
        read_plan(json.dumps(document).encode())
    except BadPlan as told:
        assert str(told).isprintable()
