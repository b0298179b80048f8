"""YAML as Ruby reads it, and YAML that is meant to do harm."""

from __future__ import annotations

from typing import Any

import pytest

from tui.agent import ruby
from tui.agent.appspec import parse_appspec
from tui.agent.psych import Octal, YamlError, load_first, resolve
from tui.agent.ruby import RubyObject


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("NULL", None),
        ("yEs", True),
        ("Off", False),
        ("y", "y"),
        ("0644", 420),
        ("0999", "0999"),
        ("0o17", "0o17"),
        ("0x1F", 31),
        ("0b11", 3),
        ("1_000", 1000),
        ("1,000", 1000),
        ("-5", -5),
        ("0.0", 0.0),
        ("1.", 1.0),
        (".", "."),
        ("1e3", "1e3"),
        ("1.5e+3", 1500.0),
        ("1:30", 5400),
        ("1:30:10", 5410),
        ("-1:30", -1800),
        ("1:2:3.5", 3723.5),
        ("1:2:3:4", "1:2:3:4"),
        (".inf", float("inf")),
        (":root_dir", RubyObject("Symbol", "root_dir")),
        (':"root dir"', RubyObject("Symbol", "root dir")),
        (":", ":"),
        ("2026-03-02", RubyObject("Date", "2026-03-02")),
        ("2026-03-02 09:11:00 +0000", RubyObject("Time", "2026-03-02 09:11:00 +0000")),
        ("1.8.1", "1.8.1"),
        ("/srv", "/srv"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_plain_words(text: str, value: Any) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) in (type(value), Octal)


def loaded(text: str) -> Any:
    node = load_first(text.encode())
    return None if node is None else node.plain()


def test_quoted_and_tagged_words_are_text() -> None:
    assert loaded("- '0644'\n- \"yes\"\n- !!str 5\n- !!int 5\n- |\n  no\n") == ["0644", "yes", "5", 5, "no\n"]


def test_aliases_and_merged_keys() -> None:
    text = "base: &b {a: 1, b: 2}\nc:\n  <<: *b\n  b: 3\nd: *b\n"
    assert loaded(text) == {"base": {"a": 1, "b": 2}, "c": {"a": 1, "b": 3}, "d": {"a": 1, "b": 2}}


def test_of_a_repeated_key_the_last_counts() -> None:
    assert loaded("a: 1\na: 2\n") == {"a": 2}


def test_merging_again_and_again_is_bounded() -> None:
    with pytest.raises(YamlError, match="more than"):
        load_first(b"x: &x {" + b",".join(b"k%d: 1" % i for i in range(3000)) + b"}\ny: {" + b"<<: *x, " * 3000 + b"}")


def test_values_are_plain_to_a_depth() -> None:
    value = loaded("[" * 8 + "x" + "]" * 8)
    for _ in range(8):
        (value,) = value
    assert value == "x"
    assert "None" in str(loaded("[" * 20 + "]" * 20))
    assert len(loaded("[" + "x," * 5000 + "]")) < 300


def test_keys_of_any_kind() -> None:
    assert list(loaded("? [1, 2]\n: x\n1: y\n:s: z\n")) == ["[1, 2]", 1, RubyObject("Symbol", "s")]


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi")
)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{" * 100_000,
        "a: " * 50_000,
        "? " * 50_000,
        "- " * 100_000,
        "[" * 90 + "]" * 90,
        BOMB,
        BOMB + "version: *i\nos: *i\nhooks: *i\nfiles: *i\npermissions: *i\nfile_exists_behavior: *i\n",
        "version: 0.0\nos: linux\nx: &x ["
        + "{location: a}," * 5000
        + "]\nhooks: {"
        + "".join(f"e{i}: *x, " for i in range(5000))
        + "}\n",
        "version: 0.0\nos: linux\nx: &x [" + "a," * 5000 + "]\npermissions:\n" + "- {object: /a, except: *x}\n" * 5000,
        "a: &a [*a, *a]\nversion: *a\n",
        "&a {<<: *a, b: *a}",
        "x: &x {" + ",".join(f"k{i}: 1" for i in range(3000)) + "}\n" + "y: {" + "<<: *x, " * 3000 + "}\n",
        "\u0000\u0001",
        "a: " + "9" * 500_000,
        "'" + "x" * 500_000,
    ],
    ids=lambda text: text[:12],
)
def test_no_input_exhausts_anything(text: str) -> None:
    spec = parse_appspec(text.encode(), "/appspec.yml")
    assert spec.error is not None
    assert len(spec.error) < 2000
    assert len(spec.files) + len(spec.permissions) + sum(map(len, spec.hooks.values())) <= 20_000


def test_too_deep_names_the_line() -> None:
    with pytest.raises(YamlError) as caught:
        load_first(b"a:\n " + b"[" * 500)
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), (" 5\n", 5), ("010", 8), ("0x10", 16), ("1_0", 10), ("-3", -3), ("5.5", None), ("", None), ("a", None)],
)
def test_rubys_integer(text: str, number: object) -> None:
    assert ruby.integer(text) == number


def test_rubys_inspect() -> None:
    value = {"a": [1, 1.0, None, True, 'q"\n'], RubyObject("Symbol", "k"): 1e20}
    assert ruby.inspect(value) == '{"a"=>[1, 1.0, nil, true, "q\\"\\n"], :k=>1.0e+20}'
    assert len(ruby.inspect(["x" * 1000] * 1000)) <= 400
