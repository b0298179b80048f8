from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import examples
from tests.unit.cleanup_plan.shells import HARD, NAMES, SHELLS, hard_bytes, run
from tui.cleanup.shell_quoting import comment, sh_assign, sh_octal, sh_quote

each_shell = pytest.mark.parametrize("shell", SHELLS, ids=NAMES)
SOME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=examples(60))


def said(shell: list[str], values: list[bytes], directory: Path) -> list[bytes]:
    """What a shell makes of values."""
    script = b"LC_ALL=C; export LC_ALL\nset -u\n" + b"".join(
        sh_assign("v", value) + b"\nprintf '%s\\0' \"$v\"\n" for value in values
    )
    assert all(b == 10 or 32 <= b < 127 for b in script)
    done = run(shell, script, directory)
    assert done.returncode == 0 and done.stderr == b""
    return done.stdout.split(b"\0")[:-1]


@each_shell
def test_hard_names_come_out_as_they_are(shell: list[str], tmp_path: Path) -> None:
    assert said(shell, HARD, tmp_path) == HARD
    assert [path.name for path in tmp_path.iterdir()] == ["script.sh"]


@each_shell
@SOME
@given(values=st.lists(hard_bytes, min_size=1, max_size=30))
def test_any_bytes_come_out_as_they_are(shell: list[str], tmp_path: Path, values: list[bytes]) -> None:
    assert said(shell, values, tmp_path) == values
    assert [path.name for path in tmp_path.iterdir()] == ["script.sh"]


@each_shell
@SOME
@given(values=st.lists(st.binary(max_size=60), min_size=1, max_size=20))
def test_any_content_is_printed_as_it_is(shell: list[str], tmp_path: Path, values: list[bytes]) -> None:
    script = b"".join(b"printf '" + sh_octal(value) + b"'\n" for value in values if value)
    assert run(shell, script.replace(b"printf '-", b"printf -- '-"), tmp_path).stdout == b"".join(values)


def test_what_cannot_be_a_name_is_told() -> None:
    with pytest.raises(ValueError, match="NUL"):
        sh_assign("v", b"a\0b")
    with pytest.raises(ValueError, match="ASCII"):
        sh_quote(b"\x1b")


@given(st.text(st.characters(codec=None), max_size=40))
def test_a_comment_is_one_line_of_ascii(text: str) -> None:
    told = comment(text)
    assert all(" " <= character <= "~" for character in told)
