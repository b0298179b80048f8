"""The PowerShell script as its grammar reads it: nothing but the plan is in it, whatever the names are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import examples
from tests.unit.cleanup_plan.planning import Planned
from tests.unit.cleanup_plan.powershell import command, nodes, parsed, statements, value
from tests.unit.cleanup_plan.test_ps1 import HARD, plan_of, step, windows
from tui.cleanup.export_ps1 import to_ps1
from tui.cleanup.records import Act, Warned
from tui.cleanup.shell_quoting import ps_quote
from tui.disk.inventory import LINK
from tui.paths import from_bytes
from tui.windows_paths import native

__all__ = ["windows"]
MEAN = [
    *HARD, "';exit;'", "' + $(exit) + '", "`'", "{", "}", "${x}", "@'", "'@", '@"', '"@', "--%", "-", "--", "\u201d",
    "\u2013", "\u2014", "\u2015", "\r", "\x85", "\u2028", "\u2029", "\ufeff", "<#", "#>", "#requires -version 99",
    "# SIG # Begin signature block", "\udc80", "\udcff'", "\u00ad", "\u200b",
]  # fmt: skip
names = st.one_of(
    st.sampled_from(MEAN),
    st.lists(st.sampled_from([*MEAN, "a"]), max_size=6).map("".join),
    st.text(st.characters(codec=None, exclude_characters="\0"), max_size=40),
    st.binary(max_size=40).map(lambda raw: from_bytes(raw.replace(b"\0", b""))),
)
SOME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=examples(60))


def units(text: str) -> str:
    """A text with its pairs of halves apart, as UTF-16 has them."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return "".join(raw[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(raw), 2))


def test_the_script_is_powershell(windows: Planned) -> None:
    script = to_ps1(plan_of(), windows.e.instance)
    assert command(statements(parsed(script))[-1]) == ("Complete-Plan", ["0"])
    assert not script.startswith(b"\xef\xbb\xbf") and script.isascii()


@SOME
@given(text=names)
def test_any_text_is_one_expression_that_comes_to_it(text: str) -> None:
    (statement,) = statements(parsed(f"Invoke-Step {ps_quote(text)} 'after'\r\n".encode("ascii")))
    assert command(statement) == ("Invoke-Step", [units(text), "after"])


def test_an_expression_is_no_deeper_for_a_longer_text() -> None:
    def depth(text: str) -> int:
        deepest, node = 0, parsed(ps_quote(text).encode("ascii"))
        level = [node]
        while level:
            deepest, level = deepest + 1, [child for one in level for child in one.children]
        return deepest

    assert depth("\u00e9" * 500 + "a\u00e9" * 500) == depth("a\u00e9")


@SOME
@given(several=st.lists(names.filter(lambda name: "/" not in name), min_size=1, max_size=4), target=names)
def test_whatever_a_name_is_the_script_does_the_steps_and_no_more(
    windows: Planned, several: list[str], target: str
) -> None:
    steps = [step(number, f"/C:/temp/{name}", mark=name, evidence=name) for number, name in enumerate(several, 1)]
    link = step(len(steps) + 1, "/C:/temp/l", LINK, Act.DELETE)
    steps.append(link._replace(seen=link.seen._replace(target=target)))
    plan = plan_of(*steps)
    hostile = type(plan)(**{**vars(plan), "host": several[0], "chosen_by": target, "warnings": (
        Warned("held-open", several[-1], (target,)),
    )})  # fmt: skip
    root = parsed(to_ps1(hostile, windows.e.instance))
    bare = statements(parsed(to_ps1(plan_of(), windows.e.instance)))
    done = statements(root)
    assert [one.text for one in done[: len(bare) - 1] if b"$steps" not in one.text] == [
        one.text for one in bare[:-1] if b"$steps" not in one.text
    ]
    assert command(done[-1]) == ("Complete-Plan", ["0"])
    called = [command(one) for one in done[len(bare) - 1 : -1]]
    assert len(called) == len(steps)
    for one, (name, words) in zip(steps, called):
        assert name == "Invoke-Step" and len(words) == 9
        assert words[0] == str(one.number) and words[1] == one.act.value
        assert words[3] == units(native(one.path))
    told = target.replace("/", "\\")
    assert called[-1][1][6] == units(told[4:] if told.startswith("\\\\?\\") else told)


def test_what_is_written_before_the_parameters_is_comment(windows: Planned) -> None:
    root = parsed(to_ps1(plan_of(step(1, "/C:/temp/x")), windows.e.instance))
    before = [node.type for node in root.children]
    assert before[: before.index("param_block")] == ["comment"] * before.index("param_block")


def test_strict_mode_and_stop_are_set_before_any_function(windows: Planned) -> None:
    texts = [one.text.decode() for one in statements(parsed(to_ps1(plan_of(), windows.e.instance)))]
    at = next(number for number, text in enumerate(texts) if text.startswith("function"))
    assert {"Set-StrictMode -Version 3.0", "$ErrorActionPreference = 'Stop'"} <= set(texts[:at])


def test_no_name_is_compared_by_the_rules_of_a_language(windows: Planned) -> None:
    root = parsed(to_ps1(plan_of(), windows.e.instance))
    compared = [node.text for node in nodes(root) if node.type == "comparison_expression" and node.child_count > 1]
    assert len(compared) > 10
    for text in compared:
        assert b"GetPathRoot" in text or not any(
            name in text for name in (b"$Path", b"$leads", b"$Target", b"$Digest)")
        )


@pytest.mark.parametrize("wrong", ["'it's'", "$(exit)", "'a' + $x", "(Get-Date)", "-join"])
def test_the_reading_itself_refuses_what_is_no_literal(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        value(parsed(f"Invoke-Step {wrong}\r\n".encode()))
