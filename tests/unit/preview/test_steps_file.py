"""A steps file: what it can say, and one clear line for each thing that it cannot."""

from __future__ import annotations

import json

import pytest
from hypothesis import example as always
from hypothesis import given
from hypothesis import strategies as st

from tui.preview.records import Behavior, Ending
from tui.preview.steps_file import LIMIT, LONGEST, MOST, PlannedStep, StepsError, parse_steps

STEP = "steps:\n- revision: a.zip\n"
ANCHORS = "anchors, aliases and tags are not taken"
TOP = "allowed are group, file-exists-behavior and steps"
OF_A_STEP = "allowed are revision, group, file-exists-behavior and outcome"


def parsed(text: str) -> tuple[PlannedStep, ...]:
    return parse_steps(text.encode(), "s.yml")


def test_a_step_says_what_is_deployed_and_the_file_the_rest() -> None:
    text = (
        "# a chain\n"
        "group: shop\n"
        "file-exists-behavior: retain\n"
        "steps:\n"
        "  - revision: app-1.zip\n"
        "  - revision: last-successful\n"
        "    group: api\n"
        "    file-exists-behavior: OVERWRITE\n"
        "    outcome: fails-in-script\n"
        "  - {revision: d-ABC12DEF3, outcome: fails-in-install}\n"
        "  - revision: 2024-01-01\n"
        "    outcome: succeeds\n"
    )
    assert parsed(text) == (
        PlannedStep("app-1.zip", 5, "shop", Behavior.RETAIN),
        PlannedStep("last-successful", 6, "api", Behavior.OVERWRITE, Ending.IN_SCRIPT),
        PlannedStep("d-ABC12DEF3", 10, "shop", Behavior.RETAIN, Ending.IN_INSTALL),
        PlannedStep("2024-01-01", 11, "shop", Behavior.RETAIN),
    )


def test_all_but_the_revision_may_be_left_out() -> None:
    assert parsed(STEP) == (PlannedStep("a.zip", 2),)


def test_the_keys_may_stand_in_any_order() -> None:
    (step,) = parsed("steps:\n- outcome: succeeds\n  revision: '~'\nfile-exists-behavior: DISALLOW\ngroup: null-1\n")
    assert step == PlannedStep("~", 2, "null-1", Behavior.DISALLOW)


def test_json_is_taken_too() -> None:
    steps = [{"revision": "ü/1 \u2028.zip", "outcome": "fails-in-script"}, {"revision": "b", "group": "g"}]
    for indent in (None, 2):
        data = json.dumps({"group": "shop", "steps": steps}, indent=indent).encode()
        first, second = parse_steps(data, "s.json")
        assert (first.revision, first.group, first.ending) == ("ü/1 \u2028.zip", "shop", Ending.IN_SCRIPT)
        assert (second.revision, second.group) == ("b", "g")


def test_as_many_steps_as_are_allowed() -> None:
    assert len(parsed("steps:\n" + "- revision: a\n" * MOST)) == MOST


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "1: empty; it needs steps, a list of deployments"),
        ("# nothing\n---\n", "1: empty; it needs steps, a list of deployments"),
        ("null", "1: empty; it needs steps, a list of deployments"),
        ("shop", "1: a text where group, file-exists-behavior and steps are expected"),
        ("- revision: a", "1: a list where group, file-exists-behavior and steps are expected"),
        ("group: g\n", "1: no steps; it needs steps, a list of deployments"),
        ("steps: []", "1: no steps; it needs steps, a list of deployments"),
        ("steps: app.zip", "1: a text for steps, which is a list of deployments"),
        ("steps:\n  revision: a\n", "2: a mapping for steps, which is a list of deployments"),
        ("steps:\n- app.zip\n", "2: a text for a step; write it as - revision: app.zip"),
        ("steps:\n- revision: a\n- - b\n", "3: a list for a step; write it as - revision: app.zip"),
        ("steps:\n- revision: a\n- group: g\n", "3: a step without revision; it says what to deploy"),
        ("steps:\n" + "- revision: a\n" * (MOST + 1), f"{MOST + 2}: more than {MOST} steps"),
        (STEP + "group: [g]", "3: a list for group, which is a text"),
        (STEP + "  outcome: {a: b}", "3: a mapping for outcome, which is a text"),
        (STEP + "group:\n", "3: group has no value"),
        (STEP + "group: ~\n", "3: group has no value"),
        (STEP + "group: ''\n", "3: group has no value"),
        ("steps:\n- revision: null\n", "2: revision has no value"),
        (STEP + f"group: {'g' * (LONGEST + 1)}", f"3: group is longer than {LONGEST:,} characters"),
        (STEP + 'group: "a\\0b"', "3: group has a NUL character, which no path and no id has"),
        (STEP + "revisions: b\n", f"3: unknown key 'revisions'; {TOP}"),
        (STEP + "  behaviour: RETAIN\n", f"3: unknown key 'behaviour'; {OF_A_STEP}"),
        (STEP + f"{'k' * 99}: b\n", f"3: unknown key '{'k' * 60}' and more; {TOP}"),
        ("? [a]\n: b\n" + STEP, f"1: a list for a key; {TOP}"),
        ("<<: {group: g}\n" + STEP, f"1: unknown key '<<'; {TOP}"),
        (STEP + "steps: []", "3: steps comes twice"),
        (STEP + "  revision: b\n", "3: revision comes twice"),
        (
            STEP + "file-exists-behavior: KEEP",
            "3: unknown file-exists-behavior 'KEEP'; allowed are DISALLOW, OVERWRITE and RETAIN",
        ),
        (
            STEP + "  file-exists-behavior: yes",
            "3: unknown file-exists-behavior 'yes'; allowed are DISALLOW, OVERWRITE and RETAIN",
        ),
        (
            STEP + "  outcome: fails",
            "3: unknown outcome 'fails'; allowed are succeeds, fails-in-install and fails-in-script",
        ),
        ("group: &a g\n" + STEP, f"1: an anchor; {ANCHORS}"),
        ("steps: &a\n- revision: a\n", f"1: an anchor; {ANCHORS}"),
        ("steps: *a", f"1: an alias; {ANCHORS}"),
        (STEP + "group: !!python/object:os.system x", f"3: a tag; {ANCHORS}"),
        ("!x\n" + STEP, f"1: a tag; {ANCHORS}"),
        (STEP + "---\n" + STEP, "3: a second document; all steps stand in one"),
    ],
)
def test_what_is_wrong_is_one_line(text: str, line: str) -> None:
    with pytest.raises(StepsError) as told:
        parsed(text)
    assert str(told.value) == f"s.yml:{line}"


@pytest.mark.parametrize(
    ("data", "start"),
    [
        (b"steps: [\n", "s.yml:2: not YAML: "),
        (b"steps:\n- revision: 'a\n", "s.yml:3: not YAML: "),
        (b"group: a: b\n", "s.yml:1: not YAML: "),
        (b"group: \xff\n", "s.yml: not YAML: "),
        (b"group: \0\n", "s.yml: not YAML: "),
        (b"#" * (LIMIT + 1), f"s.yml: larger than {LIMIT >> 10} KiB; it may have {MOST} steps"),
    ],
)
def test_what_is_no_yaml_is_said_with_its_line_where_it_has_one(data: bytes, start: str) -> None:
    with pytest.raises(StepsError) as told:
        parse_steps(data, "s.yml")
    assert str(told.value).startswith(start) and "\n" not in str(told.value)


BOMB = b"a: &a [x,x]\nb: &b [*a,*a]\nsteps: *b\n"
WORDS = [
    b"steps:", b"\n- ", b"\n  ", b"revision: ", b"a.zip", b"group: ", b"outcome: ", b"fails-in-script", b"\n", b"{",
    b"}", b"[", b"]", b",", b": ", b"&a ", b"*a", b"!t ", b"? ", b"---", b"'", b'"', b"\t", b"\xff", b"\0", b"~",
    b"\xef\xbb\xbf", b'"\\ud83d"', b'"\\udcff"', b"|\n", b">\n", b"%YAML 1.1\n", b"file-exists-behavior: RETAIN",
]  # fmt: skip


@given(st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(WORDS), max_size=30).map(b"".join)))
@always(BOMB)
@always(b"[" * 20_000)
@always(b"{a: " * 20_000)
@always(b"- " * 20_000)
def test_any_bytes_give_steps_or_one_line(data: bytes) -> None:
    check(data)


@given(st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(WORDS), max_size=30).map(b"".join)))
@always(b'steps:\n- revision: "\\ud83d"')
@always(b'steps:\n- revision: "\\udcff"')
def test_so_they_do_where_libyaml_is_not_there(data: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr("yaml.CSafeLoader", raising=False)
        check(data)


@pytest.mark.parametrize("half", ["\\ud83d", "\\udcff"])
def test_half_a_character_is_no_name(half: str) -> None:
    with pytest.MonkeyPatch.context() as patch:  # libyaml itself refuses it
        patch.delattr("yaml.CSafeLoader", raising=False)
        with pytest.raises(StepsError, match=r"s\.yml:2: revision has half a character"):
            parsed(f'steps:\n- revision: "{half}"\n')


def check(data: bytes) -> None:
    try:
        steps = parse_steps(data, "s.yml")
    except StepsError as error:
        assert str(error).startswith("s.yml:") and "\n" not in str(error)
    else:
        assert 0 < len(steps) <= MOST
        assert all(step.revision.encode("utf-8") for step in steps)
