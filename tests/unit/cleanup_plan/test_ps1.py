from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cleanup_plan.planning import Planned, opened
from tui import fixtures
from tui.cleanup.choose import Wanted, choose
from tui.cleanup.export_ps1 import to_ps1
from tui.cleanup.records import Act, Plan, PlanStep, Seen, Why
from tui.cleanup.shell_quoting import ps_quote
from tui.disk.inventory import DIR, FILE, LINK

HARD = [
    "a'b", "a''b", "'", "\u2018", "it\u2019s", "\u201a", "\u201b", "\u201c", "$x", "$(Remove-Item x)",
    "`n", '"', "a;b", "a|b",
    "#x", "[a]*?", "-Recurse", "@(1)", "&x", "\x1b[2J", "\n", "\u202e", "\U0001f600", "\ud800", "\udfff x", "",
    " ", "%x%", "{0}",
]  # fmt: skip


def evaluated(expression: str) -> str:
    """What PowerShell makes of the few forms that are used: literals, characters, and a list of both that is joined.

    In a literal it takes four more characters for the single quote (about_Quoting_Rules), which may not occur.
    """
    literal, character = r"'((?:[ -&(-~]|'')*)'", r"\(\[char\]0x([0-9A-F]{4})\)"
    if not expression.startswith("("):
        found = re.fullmatch(literal, expression)
        assert found is not None, expression
        return found[1].replace("''", "'")
    one = rf"(?:{literal}|{character})"
    assert re.fullmatch(rf"\(-join \({one}(?:, {one})*\)\)", expression), expression
    units = []
    for text, code in re.findall(one, expression[len("(-join (") :]):
        units.append(chr(int(code, 16)) if code else text.replace("''", "'"))
    return "".join(units).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


@pytest.mark.parametrize("text", HARD)
def test_hard_names_are_said_in_ascii(text: str) -> None:
    assert evaluated(ps_quote(text)) == text


@given(st.text(st.characters(codec=None, exclude_characters="\0"), max_size=30))
def test_any_name_is_said_in_ascii(text: str) -> None:
    expression = ps_quote(text)
    assert expression.isascii() and expression.isprintable()
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    assert evaluated(expression) == joined


def test_no_quote_of_another_script_is_ever_in_a_literal() -> None:
    assert ps_quote("it\u2019s") == "(-join ('it', ([char]0x2019), 's'))"
    assert ps_quote("a'b") == "'a''b'"
    with pytest.raises(ValueError, match="NUL"):
        ps_quote("a\0b")


@pytest.fixture
def windows(tmp_path: Path) -> Planned:
    try:
        top = fixtures.unpack("windows-guide", tmp_path)
    except fixtures.FixtureError as error:
        pytest.skip(str(error))
    with opened(top) as planned:
        return planned


def step(number: int, path: str, kind: int = FILE, act: Act = Act.QUARANTINE, **more: object) -> PlanStep:
    seen = Seen(kind, 1, 2, 0o644, 0, 0, 7, 1_700_000_000_123_456_700, 0, 1, "C:\\x" if kind == LINK else None)
    return PlanStep(number, path, act, Why.PATH, seen)._replace(**more)


def plan_of(*steps: PlanStep) -> Plan:
    return Plan("this machine", "machine", "WEB\u2019\nRemove-Item x", 0.0, "1", steps)


def test_a_script_has_one_line_a_step_and_is_ascii(windows: Planned) -> None:
    names = [name for name in HARD if name and not set('\\/:*?"<>|\n\ud800\udfff') & set(name)]
    steps = [step(n, f"/C:/temp/{name}") for n, name in enumerate(names, 1)]
    script = to_ps1(plan_of(*steps), windows.e.instance)
    lines = script.decode("ascii").split("\r\n")
    assert "\n" not in "".join(lines) and "\x1b" not in script.decode("ascii")
    calls = [line for line in lines if line.startswith("Invoke-Step ")]
    assert len(calls) == len(names)
    for name, call in zip(names, calls):
        assert f" {ps_quote('C:' + chr(92) + 'temp' + chr(92) + name)} 7 638355968001234567 " in call
    assert [
        line for line in lines if line and "Remove-Item" in line and not line.startswith(("#", "Invoke-Step "))
    ] == []


def test_what_is_there_is_looked_at_by_its_literal_path(windows: Planned) -> None:
    script = to_ps1(plan_of(), windows.e.instance).decode("ascii")
    for line in script.split("\r\n"):
        for command in ("Get-Item", "Get-FileHash", "Remove-Item", "Move-Item", "Test-Path"):
            if re.search(rf"\b{command}\b", line) and not line.startswith("#"):
                assert "-LiteralPath" in line, line
    assert not re.search(r"(?m)^[^#]*\b(Remove-Item|Move-Item|Invoke-Expression|iex)\b", script)
    parameters, strict = script.index("param("), script.index("Set-StrictMode")
    assert parameters < script.index("$usual =") < strict
    assert all(line.startswith("#") or not line for line in script[:parameters].split("\r\n"))


def test_a_record_and_a_link_and_a_directory(windows: Planned) -> None:
    steps = (
        step(1, "/C:/temp/x", act=Act.RESTORE, why=Why.RECORDS, content=b"\xff\n"),
        step(2, "/C:/temp/l", LINK)._replace(seen=step(2, "/C:/temp/l", LINK).seen._replace(target="\\\\?\\C:\\y")),
        step(3, "/C:/temp", DIR, Act.DELETE),
    )
    calls = [
        c for c in to_ps1(plan_of(*steps), windows.e.instance).decode().split("\r\n") if c.startswith("Invoke-Step ")
    ]
    assert calls[0].endswith(" '' '' '/wo='")
    assert calls[1].endswith(" 'C:\\y' '' ''")
    assert calls[2].startswith("Invoke-Step 3 'delete' 'dir' 'C:\\temp' ")


def test_the_example_can_be_planned_for(windows: Planned, tmp_path: Path) -> None:
    with opened(tmp_path / "windows-guide") as planned:
        plan = planned.plan(choose(planned.e, Wanted(), "all"))
    assert plan.steps
    script = to_ps1(plan, planned.e.instance).decode("ascii")
    assert script.count("\r\nInvoke-Step ") == len(plan.steps)
