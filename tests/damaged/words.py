"""What is put into damaged records."""

from __future__ import annotations

from typing import Any

# What stands in records, and what a record must never make the program do.
WORDS = (
    b"/", b"//", b"/.", b"..", b"/..", b"../../../etc/passwd", b"/proc/self/root/etc", b"/dev/zero", b"~",
    b"~root/x", b"\x00", b"semanage\x00/srv/x", b"semanage\x00", b"/srv/\x00/x", b"\r", b"\x0b", b"\x1b]0;x\x07",
    b"\xff\xfe", b"\xc2\xa0", b"\xe2\x80\xae", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"C:\\", b"C:/", b"c:temp",
    b"\\\\server\\share\\x", b"\\\\?\\C:\\x", b"//?/UNC/x/y", b"/C:/temp", b"C:\\temp\\..\\..\\x",
    b"/" + b"n" * 300, b"/a" * 3000, b"9" * 5000, b"1e999", b"-1", b"0x", b"NaN", b"null", b"[" * 3000,
    b'{"a":' * 2000, b"&a [*a, *a]", b"*none", b"!!python/object/apply:os.system [x]", b"!ruby/object:Object {}",
    b"<<: *x", b"? - :", b"%YAML 9.9", b"\t- x", b"---\n---", b"2026-13-99 99:99:99",
    b"[2026-02-30 25:61:61.999] [d-X]", b"9999-12-31 23:59:59 LifecycleEvent - X",
    b"0000-00-00 00:00:00 Script - ../../x", b"/srv/app/../../etc/shadow", b"$(reboot)", b"`x`", b"<<EOF",
    b"${A:-${A}}", b"cat > $0", b"while :; do", b'"', b"'", b"\\", b"{1..999999999}", b"{a,b}" * 60, b"*" * 500,
    b"[red]x[/]",
)  # fmt: skip

# Values of the wrong kind for nearly every member of a JSON or YAML record.
ODD_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 10**400, 1.5e308, "", "\0", "..", "/", "\ud800", "x" * 100_000, [], {}, [[]], {"": {}},
    "copy", "C:\\x", ["/"], {"type": 1},
)  # fmt: skip
