"""PowerShell scripts and batch files followed from their text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import examples
from tests.unit.forensics.script_support import followed, told
from tui.forensics.scripts.dialects import decoded
from tui.forensics.scripts.effects import Use

APP = "/C:/srv/shop"


@pytest.mark.parametrize(
    ("script", "paths"),
    [
        ("$r = 'C:\\srv\\shop'; ni \"$r\\a.txt\"", [f"{APP}/a.txt"]),
        ("New-Item -ItemType File -Path C:\\srv\\shop -Name a.txt", [f"{APP}/a.txt"]),
        ("Set-Content -Path (Join-Path 'C:\\srv\\shop' 'a.txt') -Value x", [f"{APP}/a.txt"]),
        ("'x' | Out-File C:\\srv\\shop\\a.txt -Append", [f"{APP}/a.txt"]),
        ("'x' > C:/srv/shop/a.txt", [f"{APP}/a.txt"]),
        ("foreach ($d in 'a','b') { sc \"C:\\srv\\shop\\$d\" 'x' }", [f"{APP}/a", f"{APP}/b"]),
        ("$l = @('a', 'b')\nforeach ($d in $l) { sc \"C:\\srv\\shop\\$d\" 'x' }", [f"{APP}/a", f"{APP}/b"]),
        ("if (Test-Path C:\\x) { $a = 'a' } else { $a = 'b' }\nsc C:\\srv\\shop\\$a x", [f"{APP}/a", f"{APP}/b"]),
        ("function W($n, $d = 'C:\\srv\\shop') { sc (Join-Path $d $n) 'x' }\nW a\nW -n b", [f"{APP}/a", f"{APP}/b"]),
        ("function W {\n  param([string]$n)\n  sc \"C:\\srv\\shop\\$n\" 'x'\n}\nW a", [f"{APP}/a"]),
        ("cd C:\\srv\\shop; ni a.txt", [f"{APP}/a.txt"]),
        ("sc \"$env:ProgramData\\Shop\\a\" x", ["/C:/ProgramData/Shop/a"]),
        ("sc \"$PSScriptRoot\\a\" x", ["/C:/archive/a"]),
        ("Copy-Item C:\\src\\a.txt -Destination C:\\srv\\shop\\", [f"{APP}/a.txt"]),
        ("[System.IO.File]::WriteAllText(\"C:\\srv\\shop\\a\", 'x')", [f"{APP}/a"]),
        ("$f = '{0}\\{1}.txt' -f 'C:\\srv\\shop', 'a'; sc $f x", [f"{APP}/a.txt"]),
        ("$s = Get-Date -Format yyyy; sc C:\\srv\\shop\\$s.txt x", [f"{APP}/<?>.txt"]),
        ("iwr http://h/a -OutFile C:\\srv\\shop\\a", [f"{APP}/a"]),
        ("Expand-Archive C:\\a.zip -DestinationPath C:\\srv\\shop\\z", [f"{APP}/z/…", f"{APP}/z"]),
        ("Rename-Item C:\\srv\\shop\\a.txt b.txt", [f"{APP}/b.txt"]),
        ("Start-Transcript -Path C:\\srv\\shop\\t.log", [f"{APP}/t.log"]),
        ("cmd /c \"echo x > C:\\srv\\shop\\a\"", [f"{APP}/a"]),
        ("# ni C:\\srv\\shop\\a\n<# ni C:\\b #>\n$x = @'\nni C:\\c\n'@", []),
        ("ni $unknown\\a", []),
        ("sc C:\\srv\\shop\\a `\n  x", [f"{APP}/a"]),
    ],
)  # fmt: skip
def test_powershell(script: str, paths: list[str]) -> None:
    assert told(script, name="x.ps1", windows=True, programdata="C:\\ProgramData") == paths


@pytest.mark.parametrize(
    ("script", "paths"),
    [
        ("set A=C:\\srv\\shop\necho x > %A%\\a", [f"{APP}/a"]),
        ("set \"A=C:\\srv\\shop\"\necho x>>\"%A%\\a b.txt\"", [f"{APP}/a b.txt"]),
        ("for %%d in (a b) do type nul > C:\\srv\\shop\\%%d", [f"{APP}/a", f"{APP}/b"]),
        ("for /L %%i in (1,1,2) do (\r\n echo x > C:\\srv\\shop\\%%i\r\n)", [f"{APP}/1", f"{APP}/2"]),
        ("cd /d C:\\srv\\shop\necho x > a", [f"{APP}/a"]),
        ("cd /d C:\\srv\\shop\npushd C:\\x\npopd\necho x > a", [f"{APP}/a"]),
        ("call :w a\nexit /b\n:w\necho x > C:\\srv\\shop\\%1\ngoto :eof", [f"{APP}/a"]),
        ("if exist C:\\x (\necho x > C:\\srv\\shop\\a\n) else (\necho x > C:\\srv\\shop\\b\n)",
         [f"{APP}/a", f"{APP}/b"]),
        ("if \"%E%\"==\"A\" (echo x > C:\\srv\\shop\\a) else echo x > C:\\srv\\shop\\b", [f"{APP}/a"]),
        ("echo x > \"%~dp0..\\a\"", ["/C:/a"]),
        ("copy /Y C:\\src\\a.txt C:\\srv\\shop\\", [f"{APP}/a.txt"]),
        ("xcopy /E /I C:\\src C:\\srv\\shop\\x", [f"{APP}/x", f"{APP}/x/…"]),
        ("robocopy C:\\src C:\\srv\\shop\\x /MIR", [f"{APP}/x", f"{APP}/x/…"]),
        ("ren C:\\srv\\shop\\a b", [f"{APP}/b"]),
        ("powershell -Command \"ni C:\\srv\\shop\\a\"", [f"{APP}/a"]),
        ("rem echo x > C:\\a\n:: echo x > C:\\b", []),
        ("echo x > nul 2>&1", []),
        ("echo x > C:\\srv\\shop\\%RANDOM%.txt", [f"{APP}/<?>.txt"]),
    ],
)  # fmt: skip
def test_batch(script: str, paths: list[str]) -> None:
    assert told(script, name="x.bat", windows=True, e="A") == paths


def test_removals() -> None:
    assert told("Remove-Item C:\\srv\\shop\\a -Recurse", Use.REMOVES, name="x.ps1", windows=True) == [
        f"{APP}/a", f"{APP}/a/…",
    ]  # fmt: skip
    assert told("del /q C:\\srv\\shop\\*.tmp", Use.REMOVES, name="x.bat", windows=True) == [f"{APP}/*.tmp"]


def test_lines_are_counted_in_blocks() -> None:
    script = "$a = 1\nif ($a) {\n  ni C:\\srv\\a\n}\n\nni C:\\srv\\b\n"
    lines = {effect.text: effect.line for effect in followed(script, "x.ps1", True).found}
    assert lines == {"/C:/srv/a": 3, "/C:/srv/b": 6}
    script = "@echo off\r\nif exist x (\r\n  echo x > C:\\srv\\a\r\n)\r\necho x > C:\\srv\\b\r\n"
    lines = {effect.text: effect.line for effect in followed(script, "x.bat", True).found}
    assert lines == {"/C:/srv/a": 3, "/C:/srv/b": 5}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    assert decoded("ni C:\\é\r\n".encode(encoding)) == "ni C:\\é\n"


WORDS = st.sampled_from(
    [
        "if (", "$x", "=", "{", "}", "(", ")", '"', "'", "`", "\n", ";", "|", ">", "foreach ($i in @(", "function F",
        "F", "param(", "ni", "C:\\a", "$env:X", "-f", "+", ",", "Join-Path", "[IO.File]::WriteAllText(", "@'\n", "'@",
        "<#", "else", "${", "$(", "& ", "cmd /c", "%x%", "%%i", "for %%i in (", "do", "set x=", "%~dp0", "&", "||", "^",
        "call :a", ":a\n", "goto", "copy", "xcopy /e", "if exist", "powershell -c", "!", "==",
    ]
)  # fmt: skip


@settings(max_examples=examples(150), deadline=None)
@given(st.one_of(st.text(), st.lists(WORDS, max_size=40).map(" ".join)), st.sampled_from(["x.ps1", "x.bat", "x.cmd"]))
def test_no_text_breaks_it(text: str, name: str) -> None:
    for effect in followed(text, name, True).found:
        assert effect.text.startswith("/")
        assert 1 <= effect.line <= text.count("\n") + 1


@pytest.mark.parametrize("name", ["x.ps1", "x.bat"])
@pytest.mark.parametrize(
    "piece", ["(", "{", "$(", '"', "for %%i in (a b) do ", "call :a\n:a\n", "@(", "%", "function F { F }\nF\n"]
)
def test_no_script_goes_on_without_end(name: str, piece: str) -> None:
    assert len(followed(piece * 3_000, name, True).found) < 1_000
